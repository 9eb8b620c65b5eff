/** The public contract of the client: what a host, a hook or a store may rely on. */
import type { Clock } from "./clock.js";
import type { ClientError } from "./errors.js";
import type { EventData, EventFrame, EventType, Person, Position } from "./protocol.js";
import type { ReadableStore } from "./stores/store.js";

export interface ClientOptions {
  /** Origin (and prefix) of the server, `https://example.org/carillon`; the page's own origin when absent. */
  baseUrl?: string;
  /** Default `/ws/`. */
  socketPath?: string;
  /** Default `/api/v1`. */
  apiPath?: string;
  /** `cookie`: our own sign-in, with the refresh token in an HttpOnly cookie and the access token in memory. */
  auth?: "cookie";
  /** The host's own JWT; asked before each connection and request, with `isStale` true when the last one was refused. */
  getToken?: (request: TokenRequest) => Promise<string | null> | string | null;
  /** Sent with each request, for instance a CSRF token. */
  headers?: Record<string, string> | (() => Record<string, string>);
  /** Language of error texts and new notifications (`Accept-Language`). */
  language?: string;
  WebSocket?: WebSocketConstructor;
  fetch?: typeof fetch;
  /** Time and chance, replaced by tests. */
  clock?: Partial<Clock>;
}

export interface TokenRequest {
  isStale: boolean;
}

/** The browser's WebSocket, that of `ws`, or any other with the same events. */
export type WebSocketConstructor = new (
  url: string,
  protocols?: string[],
) => { readonly readyState: number; send(text: string): void; close(code?: number, reason?: string): void };

export type ConnectionStatus = "idle" | "connecting" | "open" | "waiting" | "stopped";

export interface ConnectionReason {
  /** The close code, where a socket was closed. */
  code: number | null;
  /** `network`, `offline`, `gave_up`, `signed_out`, `stopped`, or the server's slug. */
  slug: string;
  message: string;
}

export interface ConnectionState {
  status: ConnectionStatus;
  /** When this status began (milliseconds since 1970). */
  since: number;
  /** When the socket was last lost or first asked for, null while open or idle: measure "2 s without a socket" from it. */
  downSince: number | null;
  /** Failures in a row. */
  attempt: number;
  /** When the next attempt is due, while `waiting`. */
  retryAt: number | null;
  reason: ConnectionReason | null;
  /** True when `retry()` makes sense: a person should be offered a button. */
  mayRetry: boolean;
}

export interface Connection {
  readonly state: ReadableStore<ConnectionState>;
  /** Opens the socket and keeps it open; in `cookie` mode it waits for a sign-in. */
  start(): void;
  /** Closes the socket (1000) and stays closed until `start()`. */
  stop(): void;
  /** Tries again now, whatever stopped it. */
  retry(): void;
}

export interface SessionState {
  /** In `cookie` mode it begins as `restoring`: call `restore()` once when the page starts. */
  status: "anonymous" | "restoring" | "signed-in";
  person: Person | null;
  language: string | null;
  timeZone: string | null;
  /** Why the last session ended or could not be restored. */
  reason: "signed_out" | "ended" | "unreachable" | null;
}

export interface Session {
  readonly state: ReadableStore<SessionState>;
  /** Signs in; rejects with a ClientError (`unauthenticated`, `rate_limited`, …). */
  signIn(username: string, password: string): Promise<Person>;
  signOut(): Promise<void>;
  /** Tries the refresh cookie, once per page load; resolves with the final state. */
  restore(): Promise<SessionState>;
  /** Changes language or time zone on the server, and here. */
  updateProfile(change: { language?: string; time_zone?: string }): Promise<void>;
}

export interface RequestOptions {
  query?: Record<string, string | number | boolean | null | undefined>;
  idempotencyKey?: string;
  signal?: AbortSignal;
  /** Lets the request outlive the page. */
  keepalive?: boolean;
  headers?: Record<string, string>;
}

/** Requests below `apiPath`; each resolves with the decoded body, or rejects with a ClientError. */
export interface Rest {
  get<Answer>(path: string, options?: RequestOptions): Promise<Answer>;
  post<Answer>(path: string, body?: unknown, options?: RequestOptions): Promise<Answer>;
  put<Answer>(path: string, body?: unknown, options?: RequestOptions): Promise<Answer>;
  patch<Answer>(path: string, body: unknown, options?: RequestOptions): Promise<Answer>;
  delete<Answer>(path: string, options?: RequestOptions): Promise<Answer>;
}

export interface CommandOptions {
  /** Idempotency key; made when absent (writes only). */
  clientId?: string;
}

export interface WriteOptions {
  clientId?: string;
  /** How long to wait for the socket before REST is used, in milliseconds (default 2000). */
  waitForSocket?: number;
  /** How often an undecided write is sent again, always with the same key (default 3). */
  retries?: number;
  signal?: AbortSignal;
  /** Called each time the write has to wait for the network. */
  onWaiting?: (error: ClientError) => void;
}

export type Reply = Record<string, unknown> & { position?: Position | null };

export interface FollowHandlers {
  /** Called once for each event after the position, in order; and for each ephemeral event. */
  onEvent(event: EventFrame): void;
  /** History is gone: fetch the snapshot again, then call `resume` with its position. No event comes until then. */
  onResync(reason: string): void;
  /** The topic was withdrawn; nothing more will come. */
  onEnd?(error: ClientError): void;
}

export interface Follow {
  readonly position: Position | null;
  /** Goes on after `position`, which belongs to a fresh snapshot. */
  resume(position: Position | null): void;
  stop(): void;
}

export interface CarillonClient {
  readonly connection: Connection;
  readonly session: Session;
  readonly rest: Rest;
  readonly clock: Clock;
  /** Address of the REST API, without a slash at its end: tells servers apart. */
  readonly serverUrl: string;
  /** The language asked for; events and errors come in it. */
  language: string | null;
  /** Sends one command over the open socket; rejects at once with `not_open` when there is none. */
  command<Answer = Reply>(name: string, data?: Record<string, unknown>, options?: CommandOptions): Promise<Answer>;
  /** Sends a write under one idempotency key, over the socket or REST, again after a loss. */
  write<Answer = Reply>(name: string, data: Record<string, unknown>, options?: WriteOptions): Promise<Answer>;
  /** Follows a topic after `position` (null: from now on); `OWN_TOPIC` is the signed-in person's. */
  follow(topic: string, handlers: FollowHandlers, position?: Position | null): Follow;
  /** Hears every event of one type, once, whoever follows its topic; returns the end of it. */
  on<Type extends EventType>(type: Type, listener: (event: EventFrame<Type, EventData[Type]>) => void): () => void;
  /** Closes everything; the client cannot be used afterwards. */
  destroy(): void;
}
