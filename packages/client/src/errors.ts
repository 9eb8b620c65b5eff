/** The one error that every refused, lost or impossible request ends in. */
import type { ErrorDetail } from "./protocol.js";

export interface ClientErrorOptions {
  status?: number | null;
  retryAfter?: number | null;
  details?: readonly ErrorDetail[];
  topic?: string | null;
  requestId?: string | null;
  cause?: unknown;
}

/** Slugs that say nothing was decided: the same request may be sent again. */
const TRANSIENT = new Set([
  "not_open",
  "connection_lost",
  "timeout",
  "network",
  "in_progress",
  "rate_limited",
  "busy",
  "unavailable",
]);
const TRANSIENT_STATUS = new Set([502, 503, 504]);
/** Slugs that say the network, not the server, had the last word. */
const LOSS = new Set(["not_open", "connection_lost", "timeout", "network"]);

/**
 * A request that did not succeed. `code` is the server's slug, or one of our own: `not_open`, `connection_lost`,
 * `timeout`, `network`, `cancelled`, `bad_answer`. `retryAfter` is in seconds.
 */
export class ClientError extends Error {
  override readonly name = "ClientError";
  readonly code: string;
  readonly status: number | null;
  readonly retryAfter: number | null;
  readonly details: readonly ErrorDetail[];
  readonly topic: string | null;
  readonly requestId: string | null;

  constructor(code: string, message: string, options: ClientErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = options.status ?? null;
    this.retryAfter = options.retryAfter ?? null;
    this.details = options.details ?? [];
    this.topic = options.topic ?? null;
    this.requestId = options.requestId ?? null;
  }

  /** True when the outcome is unknown or undecided, so that the same request may be sent again. */
  get isTransient(): boolean {
    return TRANSIENT.has(this.code) || TRANSIENT_STATUS.has(this.status ?? 0);
  }

  /** True when no answer came at all. */
  get isLoss(): boolean {
    return LOSS.has(this.code);
  }
}

/** Whatever was thrown, as a ClientError. */
export function asClientError(thrown: unknown): ClientError {
  if (thrown instanceof ClientError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new ClientError("unexpected", message, { cause: thrown });
}
