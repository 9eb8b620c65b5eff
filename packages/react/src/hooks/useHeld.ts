import type { Notification } from "@carillon/client";
import { useState } from "react";

export interface Held {
  /** What may be shown without pushing anything. */
  readonly items: readonly Notification[];
  /** How many wait above it. */
  readonly count: number;
  /** Shows them. */
  readonly release: () => void;
}

interface State {
  /** The list that this is about. */
  readonly of: unknown;
  /** The highest number that is shown. */
  readonly limit: number;
  /** True while something waits above it. */
  readonly isHeld: boolean;
}

function nextState(state: State, free: State, isHolding: boolean): State {
  if (free.limit <= state.limit) return state.isHeld ? { ...state, isHeld: false } : state;
  if (state.isHeld) return state;
  // An empty list has nothing that could be pushed.
  return isHolding && state.limit > 0 ? { ...state, isHeld: true } : free;
}

/**
 * Keeps what arrives out of the list while the reader is in it; `items` come with the highest number first.
 * What is held back stays so until it is asked for, for a list that changes when the reader looks away pushes too.
 * Another `list` starts anew.
 */
export function useHeld(list: unknown, items: readonly Notification[], isHolding: boolean): Held {
  const newest = items[0]?.number ?? 0;
  const free: State = { of: list, limit: newest, isHeld: false };
  const [state, setState] = useState(free);
  const now = state.of === list ? nextState(state, free, isHolding) : free;
  if (now !== state) setState(now);
  let count = 0;
  while (count < items.length && (items[count]?.number ?? 0) > now.limit) count += 1;
  return { items: count === 0 ? items : items.slice(count), count, release: () => setState(free) };
}
