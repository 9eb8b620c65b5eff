/** Client options from the build's environment: the variables that Next.js and Vite compile into a page. */
import type { ClientOptions } from "./api.js";

/** `process.env`, `import.meta.env`, or an object made of single variables. */
export type Environment = Readonly<Record<string, unknown>>;

const PREFIXES = ["NEXT_PUBLIC_", "VITE_"];
const HOST = /^[\w.:[\]-]+$/;
const URL_PARTS = /^(ws|http)(s?):\/\/([^/?#]+)([^?#]*)/i;

/**
 * Options for `createClient` from `NEXT_PUBLIC_WS_HOST`, `NEXT_PUBLIC_WS_PROTOCOL` and `NEXT_PUBLIC_API_TOKEN`, or
 * `VITE_WS_HOST` and `VITE_API_BASE_URL`; either prefix serves for all four (REQUIREMENTS 002-01 to 002-04, 003-78, C29,
 * C30). Without a protocol that of the page counts, without a host the page's own. Throws a TypeError for a value that is
 * no address.
 *
 * Next.js puts variables into a page only where they are written out, so pass them one by one there:
 * `configFromEnv({ NEXT_PUBLIC_WS_HOST: process.env.NEXT_PUBLIC_WS_HOST, … })`.
 */
export function configFromEnv(env: Environment): ClientOptions {
  const options: ClientOptions = { ...addressOf(env) };
  const token = variable(env, "API_TOKEN");
  if (token !== "") {
    warnOfToken();
    options.getToken = () => token;
  }
  return options;
}

function addressOf(env: Environment): Pick<ClientOptions, "baseUrl" | "apiPath"> {
  const socket = originOf(variable(env, "WS_HOST"), variable(env, "WS_PROTOCOL"));
  const api = variable(env, "API_BASE_URL");
  if (api === "") return socket === null ? {} : { baseUrl: socket };
  if (api.startsWith("/")) return { ...(socket === null ? {} : { baseUrl: socket }), apiPath: api };
  const [, , , host, path = ""] = URL_PARTS.exec(api) ?? [];
  const baseUrl = host === undefined ? null : originOf(api, "");
  if (baseUrl === null) throw new TypeError(`API_BASE_URL is not an address: ${api}`);
  const hostOf = (origin: string) => origin.replace(/^https?:/, "");
  if (socket !== null && hostOf(socket) !== hostOf(baseUrl)) {
    throw new TypeError(`WS_HOST and API_BASE_URL are two servers: ${socket} and ${baseUrl}`);
  }
  return /^\/*$/.test(path) ? { baseUrl } : { baseUrl, apiPath: path };
}

/** `host[:port]`, or the scheme and host of a whole address; null for nothing. */
function originOf(address: string, protocol: string): string | null {
  if (address === "") return null;
  const [, , secure, host] = URL_PARTS.exec(address) ?? [];
  const bare = host ?? address.replace(/\/+$/, "");
  if (!HOST.test(bare)) throw new TypeError(`Not the address of a server: ${address}`);
  const isTls = secure === undefined ? isSecure(protocol) : secure !== "";
  return `${isTls ? "https" : "http"}://${bare.toLowerCase()}`;
}

function isSecure(protocol: string): boolean {
  switch (protocol.toLowerCase().replace(/:(\/\/)?$/, "")) {
    case "wss":
    case "https":
      return true;
    case "ws":
    case "http":
      return false;
    case "":
      return typeof location !== "undefined" && location.protocol === "https:";
    default:
      throw new TypeError(`WS_PROTOCOL is ws or wss, not ${protocol}`);
  }
}

function variable(env: Environment, name: string): string {
  const values = PREFIXES.map((prefix) => env[`${prefix}${name}`]);
  const found = values.find((value) => typeof value === "string" && value.trim() !== "");
  return typeof found === "string" ? found.trim() : "";
}

let hasWarned = false;

function warnOfToken(): void {
  if (hasWarned) return;
  hasWarned = true;
  // biome-ignore lint/suspicious/noConsole: whoever ships a token to every visitor should read it somewhere.
  console.warn(
    "Carillon: API_TOKEN is compiled into this page and readable by every visitor. Use it for demos only, and createClient({ getToken }) or { auth: 'cookie' } otherwise.",
  );
}
