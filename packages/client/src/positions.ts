/** Arithmetic of positions: what is new, what is a repeat, what is missing. */
import type { EventFrame, Position } from "./protocol.js";

export type Verdict = "next" | "repeat" | "gap" | "ephemeral";

/** How `event` relates to what was already received, up to `last` (null: nothing yet, everything is new). */
export function judge(event: EventFrame, last: Position | null): Verdict {
  const position = positionOf(event);
  if (position === null) return "ephemeral";
  if (last === null) return "next";
  if (position.epoch !== last.epoch) return "gap";
  if (position.offset <= last.offset) return "repeat";
  return position.offset === last.offset + 1 ? "next" : "gap";
}

/** The position of a durable event; null for an ephemeral one. */
export function positionOf(event: EventFrame): Position | null {
  if (event.epoch === undefined || event.offset === undefined) return null;
  return { epoch: event.epoch, offset: event.offset };
}

/** True when everything up to `wanted` is contained in what `reached` stands for. */
export function hasReached(reached: Position | null, wanted: Position): boolean {
  return reached !== null && reached.epoch === wanted.epoch && reached.offset >= wanted.offset;
}

/** The lowest offset among positions of the first one's epoch, so that nobody misses anything. */
export function lowest(positions: readonly Position[]): Position | null {
  const first = positions[0];
  if (first === undefined) return null;
  const same = positions.filter((position) => position.epoch === first.epoch);
  return same.reduce((low, position) => (position.offset < low.offset ? position : low), first);
}

/** A position as it came in a reply, or null. */
export function readPosition(value: unknown): Position | null {
  if (typeof value !== "object" || value === null) return null;
  const { epoch, offset } = value as Partial<Position>;
  return typeof epoch === "string" && typeof offset === "number" ? { epoch, offset } : null;
}
