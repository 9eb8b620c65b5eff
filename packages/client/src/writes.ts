/** A write that survives a lost connection: one idempotency key, over the socket or REST, as often as needed. */
import type { Rest, WriteOptions } from "./api.js";
import { backoff } from "./backoff.js";
import type { Clock } from "./clock.js";
import { asClientError, ClientError } from "./errors.js";

const WAIT_FOR_SOCKET = 2_000;
const RETRIES = 3;
/** A server that answers "not now" this often will not be asked further, however patient the caller is. */
const MOST_REFUSALS = 8;

type Data = Record<string, unknown>;

/** What a write needs of the client it belongs to. */
export interface WriteChannel {
  clock: Clock;
  rest: Rest;
  readonly isOpen: boolean;
  /** Resolves with true as soon as the socket is open, with false after `milliseconds` or when it is not even tried. */
  opened(milliseconds: number): Promise<boolean>;
  request(name: string, data: Data, clientId: string): Promise<Data>;
}

type Method = "post" | "put" | "patch" | "delete";

/** The REST side of each write: its method and path, in which names in braces stand for parts of the data. */
const ROUTES: Readonly<Record<string, readonly [Method, string]>> = {
  "notification.seen": ["post", "/notifications/seen/"],
  "notification.read_all": ["post", "/notifications/read-all/"],
  "notification.restore_unread": ["post", "/notifications/restore-unread/"],
  "notification.clear_read": ["post", "/notifications/clear-read/"],
  "notification.press": ["post", "/notifications/{id}/press/"],
  "message.send": ["post", "/conversations/{conversation}/messages/"],
  "message.edit": ["patch", "/conversations/{conversation}/messages/{message}/"],
  "message.delete": ["delete", "/conversations/{conversation}/messages/{message}/"],
  "message.react": ["post", "/conversations/{conversation}/messages/{message}/react/"],
  "conversation.create": ["post", "/conversations/"],
  "conversation.update": ["patch", "/conversations/{conversation}/"],
  "conversation.read": ["post", "/conversations/{conversation}/read/"],
  "conversation.mute": ["post", "/conversations/{conversation}/mute/"],
  "conversation.leave": ["post", "/conversations/{conversation}/leave/"],
  "member.add": ["post", "/conversations/{conversation}/members/"],
  "member.remove": ["delete", "/conversations/{conversation}/members/{person}/"],
  "member.set_role": ["patch", "/conversations/{conversation}/members/{person}/"],
  "person.block": ["put", "/people/{person}/block/"],
  "person.unblock": ["delete", "/people/{person}/block/"],
};
const BATCHES = new Set(["read", "unread", "archive", "unarchive", "snooze", "unsnooze", "delete"]);

/** The REST side of a write: same operation, same key, same answer. Null where only the socket knows it. */
export function restRoute(name: string, data: Data): { method: Method; path: string; body: Data } | null {
  const route = Object.hasOwn(ROUTES, name) ? ROUTES[name] : undefined;
  const [feature, action = ""] = name.split(".");
  if (route === undefined) {
    const isBatch = feature === "notification" && BATCHES.has(action);
    return isBatch ? { method: "post", path: "/notifications/batch/", body: { action, ...data } } : null;
  }
  const body = { ...data };
  const path = route[1].replace(/\{(\w+)\}/g, (_, part: string) => {
    delete body[part];
    return encodeURIComponent(String(data[part]));
  });
  return { method: route[0], path, body };
}

/** Resolves with the reply; rejects with the refusal, or with the last loss when the retries are used up. */
export async function write(channel: WriteChannel, name: string, data: Data, options: WriteOptions): Promise<Data> {
  const clientId = options.clientId ?? createClientId();
  const retries = options.retries ?? RETRIES;
  for (let failures = 1; ; failures += 1) {
    try {
      return await attempt(channel, name, data, clientId, options);
    } catch (thrown) {
      const error = asClientError(thrown);
      const limit = error.isLoss ? retries : Math.min(retries, MOST_REFUSALS);
      if (!error.isTransient || failures > limit) throw error;
      options.onWaiting?.(error);
      await pause(channel, error, failures, options.signal);
    }
  }
}

async function attempt(
  channel: WriteChannel,
  name: string,
  data: Data,
  clientId: string,
  options: WriteOptions,
): Promise<Data> {
  if (options.signal?.aborted) throw new ClientError("cancelled", "The write was cancelled.");
  const isOpen = channel.isOpen || (await channel.opened(options.waitForSocket ?? WAIT_FOR_SOCKET));
  if (options.signal?.aborted) throw new ClientError("cancelled", "The write was cancelled.");
  if (isOpen) return channel.request(name, data, clientId);
  const route = restRoute(name, data);
  if (route === null) throw new ClientError("not_open", "There is no open connection.");
  const { method, path, body } = route;
  const request = { idempotencyKey: clientId };
  // An answer without a body is one all the same.
  const answer = method === "delete" ? channel.rest.delete(path, request) : channel.rest[method](path, body, request);
  return ((await answer) ?? {}) as Data;
}

/** Waits as long as the server asked, else with back-off; an opening socket ends a wait that only the loss caused. */
async function pause(channel: WriteChannel, error: ClientError, failures: number, signal?: AbortSignal): Promise<void> {
  const { clock } = channel;
  if (error.code === "not_open" && channel.isOpen) return;
  const asked = error.retryAfter === null ? 0 : error.retryAfter * 1_000;
  const delay = Math.max(asked, backoff(failures, clock.random));
  await new Promise<void>((resolve) => {
    const finish = () => {
      clock.clearTimeout(timer);
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    const timer = clock.setTimeout(finish, delay);
    signal?.addEventListener("abort", finish);
    if (error.isLoss && asked === 0) void reopened(channel, delay, finish);
  });
}

async function reopened(channel: WriteChannel, delay: number, finish: () => void): Promise<void> {
  if (channel.isOpen || (await channel.opened(delay))) finish();
}

/**
 * A UUID that begins with the time in milliseconds (RFC 9562, version 7), also where `crypto.randomUUID` is missing (pages without TLS):
 * what one person writes stands together in the server's index, in place of a page for each.
 */
export function createClientId(now = Date.now()): string {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
  for (let place = 0; place < 6; place += 1) bytes[place] = Math.floor(now / 256 ** (5 - place)) % 256;
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
