/** When to come back after a closed socket: one row a close code, and the arithmetic of waiting. */

const FIRST_DELAY = 1_000;
const LONGEST_DELAY = 30_000;
const JITTER = 0.2;

/** Failures in a row after which only a person (or the network coming back) starts anew. */
export const MOST_FAILURES = 10;
/** How long a connection must have lived to be called a success. */
export const STABLE_AFTER = 30_000;

export interface Closed {
  code: number;
  slug: string;
  message: string;
  /** Seconds that the server asked for. */
  retryAfter: number | null;
  /** Milliseconds that a `drain` frame chose for us. */
  reconnectIn: number | null;
  /** The topic that the closing error named. */
  topic: string | null;
}

export interface Failures {
  /** Failures in a row, this one included. */
  attempt: number;
  /** True when the token was already refreshed since the last stable connection. */
  hasRefreshed: boolean;
  /** True when a protocol error was already forgiven since the last stable connection. */
  hasForgiven: boolean;
}

export type NextStep =
  | { kind: "stop"; slug: string }
  | { kind: "wait"; delay: number; refreshToken: boolean; isForgiven: boolean };

type Rule = "never" | "once" | "refresh" | "soon" | { floor: number };

const RULES: Readonly<Record<number, Rule>> = {
  1000: "never",
  1002: "once",
  1003: "once",
  1007: "once",
  1008: "never",
  1012: "soon",
  4000: "never",
  4002: "refresh",
  4003: { floor: 30_000 },
  4005: "never",
  4006: { floor: 30_000 },
  4009: "soon",
  4010: "soon",
  4011: "never",
  4012: "soon",
};

/** After a restart every client comes back at once, so they are spread over this time. */
const SPREAD: Readonly<Record<number, number>> = { 1012: 5_000 };

/** Milliseconds before attempt number `attempt + 1`: 1 s doubling to 30 s, ±20 %. */
export function backoff(attempt: number, random: () => number): number {
  const base = Math.min(FIRST_DELAY * 2 ** Math.max(0, attempt - 1), LONGEST_DELAY);
  return Math.round(base * (1 - JITTER + 2 * JITTER * random()));
}

/** What to do after `closed`: stop (with the reason's slug) or wait, and how long. */
export function nextStep(closed: Closed, failures: Failures, random: () => number): NextStep {
  const rule = RULES[closed.code] ?? { floor: 0 };
  if (rule === "never") return { kind: "stop", slug: closed.slug };
  if (rule === "once" && failures.hasForgiven) return { kind: "stop", slug: closed.slug };
  if (rule === "refresh" && failures.hasRefreshed) return { kind: "stop", slug: closed.slug };
  if (failures.attempt >= MOST_FAILURES) return { kind: "stop", slug: "gave_up" };
  return {
    kind: "wait",
    delay: delayAfter(closed, rule, failures.attempt, random),
    refreshToken: rule === "refresh",
    isForgiven: rule === "once",
  };
}

function delayAfter(closed: Closed, rule: Rule, attempt: number, random: () => number): number {
  if (closed.reconnectIn !== null) return closed.reconnectIn;
  if (rule === "refresh") return 0;
  if (rule === "soon" && attempt <= 1) return Math.round((SPREAD[closed.code] ?? 0) * random());
  const floor = Math.max(typeof rule === "object" ? rule.floor : 0, (closed.retryAfter ?? 0) * 1_000);
  // A floor is spread upwards only: never earlier than the server asked.
  return Math.max(backoff(attempt, random), Math.round(floor * (1 + JITTER * random())));
}

/** `slug;retry_after=30` of a close reason, for servers that told us only there. */
export function parseCloseReason(reason: string): { slug: string; retryAfter: number | null } {
  const [slug = "", ...parts] = reason.split(";");
  const wait = parts.map((part) => /^\s*retry_after=(\d+(?:\.\d+)?)\s*$/.exec(part)?.[1]).find(Boolean);
  return { slug: slug.trim(), retryAfter: wait === undefined ? null : Number(wait) };
}
