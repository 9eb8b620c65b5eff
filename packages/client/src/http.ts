/** One HTTP request and its answer: JSON both ways, problem documents as ClientError. It knows no session. */
import type { RequestOptions } from "./api.js";
import { ClientError } from "./errors.js";
import { isObject } from "./frames.js";
import type { ErrorDetail } from "./protocol.js";

export interface HttpConfig {
  /** Reads the base at each call: a page may not exist yet when the client is made. */
  apiUrl(): string;
  fetch(): typeof fetch;
  headers(): Record<string, string>;
  language(): string | null;
  credentials: RequestCredentials;
}

export interface HttpRequest extends RequestOptions {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  body?: unknown;
  token?: string | null;
}

/** Resolves with the decoded body (null when there is none); rejects with the ClientError of the problem. */
export async function sendRequest(config: HttpConfig, request: HttpRequest): Promise<unknown> {
  const init: RequestInit = {
    method: request.method,
    headers: headersOf(config, request),
    credentials: config.credentials,
  };
  if (request.body !== undefined) init.body = JSON.stringify(request.body);
  if (request.signal !== undefined) init.signal = request.signal;
  if (request.keepalive !== undefined) init.keepalive = request.keepalive;
  const response = await reach(config, urlOf(config, request), init);
  const body = await readBody(response);
  if (!response.ok) throw problemOf(response, body);
  return body;
}

async function reach(config: HttpConfig, url: string, init: RequestInit): Promise<Response> {
  try {
    return await config.fetch()(url, init);
  } catch (cause) {
    if (init.signal?.aborted) throw new ClientError("cancelled", "The request was cancelled.", { cause });
    throw new ClientError("network", "The server could not be reached.", { cause });
  }
}

function urlOf(config: HttpConfig, request: HttpRequest): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (value !== undefined && value !== null && value !== "") query.set(name, String(value));
  }
  const path = request.path.startsWith("/") ? request.path : `/${request.path}`;
  const text = query.toString();
  return `${config.apiUrl()}${path}${text === "" ? "" : `?${text}`}`;
}

function headersOf(config: HttpConfig, request: HttpRequest): Record<string, string> {
  const headers: Record<string, string> = { Accept: "application/json, application/problem+json" };
  const language = config.language();
  if (language !== null) headers["Accept-Language"] = language;
  if (request.body !== undefined) headers["Content-Type"] = "application/json";
  if (request.token) headers.Authorization = `Bearer ${request.token}`;
  if (request.idempotencyKey !== undefined) headers["Idempotency-Key"] = request.idempotencyKey;
  return { ...headers, ...config.headers(), ...request.headers };
}

async function readBody(response: Response): Promise<unknown> {
  const text = await response.text().catch(() => "");
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (!response.ok) return null;
    throw new ClientError("bad_answer", "The server's answer was not JSON.", { status: response.status, cause });
  }
}

function problemOf(response: Response, body: unknown): ClientError {
  const problem = isObject(body) ? body : {};
  const text = (name: string) => (typeof problem[name] === "string" ? problem[name] : null);
  const code = text("code") ?? codeOf(response.status);
  const message = text("detail") ?? text("title") ?? `The server answered ${response.status}.`;
  return new ClientError(code, message, {
    status: response.status,
    retryAfter: retryAfterOf(response, problem.retry_after),
    details: Array.isArray(problem.errors) ? (problem.errors as ErrorDetail[]) : [],
    requestId: text("request_id"),
  });
}

function retryAfterOf(response: Response, told: unknown): number | null {
  if (typeof told === "number") return told;
  const header = Number(response.headers.get("Retry-After") ?? Number.NaN);
  return Number.isFinite(header) ? header : null;
}

/** For answers that a proxy made, which carry no slug. */
function codeOf(status: number): string {
  if (status === 401) return "unauthenticated";
  if (status === 403) return "forbidden";
  if (status === 404) return "not_found";
  if (status === 429) return "rate_limited";
  return status >= 500 ? "unavailable" : "invalid";
}
