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

/** Bound by a number or a stamp: the body is the command's data. */
const RANGES: Readonly<Record<string, string>> = {
  "notification.seen": "seen",
  "notification.read_all": "read-all",
  "notification.restore_unread": "restore-unread",
  "notification.clear_read": "clear-read",
};
const BATCHES = new Set(["read", "unread", "archive", "unarchive", "snooze", "unsnooze", "delete"]);

/** The REST side of a write: same operation, same key, same answer. Null where only the socket knows it. */
export function restRoute(name: string, data: Data): { path: string; body: Data } | null {
  const range = RANGES[name];
  if (range !== undefined) return { path: `/notifications/${range}/`, body: data };
  const [feature, action = ""] = name.split(".");
  if (feature !== "notification") return null;
  if (action === "press")
    return { path: `/notifications/${encodeURIComponent(String(data.id))}/press/`, body: { action: data.action } };
  return BATCHES.has(action) ? { path: "/notifications/batch/", body: { action, ...data } } : null;
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
  return channel.rest.post<Data>(route.path, route.body, { idempotencyKey: clientId });
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

/** A random UUID, also where `crypto.randomUUID` is missing (pages without TLS). */
export function createClientId(): string {
  if (typeof globalThis.crypto?.randomUUID === "function") return globalThis.crypto.randomUUID();
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
