/** Addresses of the server, read when they are needed: a page may not exist yet when the client is made. */
import type { ClientOptions } from "./api.js";
import { ClientError } from "./errors.js";
import type { Socket } from "./link.js";
import { PROTOCOL } from "./protocol.js";

/** Base of all REST paths, without a slash at its end. */
export function apiUrl(options: ClientOptions): string {
  return trimEnd(`${base(options)}${options.apiPath ?? "/api/v1"}`);
}

/** Address of the socket, `ws` for `http` and `wss` for `https`. */
export function socketUrl(options: ClientOptions): string {
  return `${base(options)}${options.socketPath ?? "/ws/"}`.replace(/^http/, "ws");
}

/** Opens the socket, with the token beside the protocol's name: browsers cannot send it in a header. */
export function openSocket(options: ClientOptions, token: string | null): Socket {
  const WebSocketClass = options.WebSocket ?? globalThis.WebSocket;
  if (WebSocketClass === undefined) throw new ClientError("unsupported", "There is no WebSocket here; pass one.");
  const protocols = token === null ? [PROTOCOL] : [PROTOCOL, `bearer.${token}`];
  // Their handlers are typed more narrowly than we call them, each in its own way.
  return new WebSocketClass(socketUrl(options), protocols) as unknown as Socket;
}

/** True for a token that may stand in a subprotocol's name, as every JWT may. */
export function isSubprotocolToken(token: string): boolean {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(token);
}

function base(options: ClientOptions): string {
  if (options.baseUrl !== undefined) return trimEnd(options.baseUrl);
  if (typeof location === "undefined") throw new ClientError("unsupported", "There is no page here; pass baseUrl.");
  return location.origin;
}

function trimEnd(url: string): string {
  return url.replace(/\/+$/, "");
}
