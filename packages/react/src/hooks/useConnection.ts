import type { ConnectionState } from "@carillon/client";
import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import { useCarillon } from "../context.js";

/** How bad it is, in the words of the interface: nothing to say, a quiet line, a line with a button, or an end. */
export type ConnectionPhase = "quiet" | "reconnecting" | "offline" | "gave-up" | "ended";

export interface ConnectionView {
  readonly state: ConnectionState;
  readonly phase: ConnectionPhase;
  /** Tries again now. */
  readonly retry: () => void;
}

const IDLE: ConnectionState = {
  status: "idle",
  since: 0,
  downSince: null,
  attempt: 0,
  retryAt: null,
  reason: null,
  mayRetry: false,
};
const QUIET_FOR = 2000;
const BUTTON_AFTER = 10_000;
const never = () => () => {};
const idle = () => IDLE;

/** Milliseconds without a socket, in the two steps that matter: 0, 2 s, 10 s. */
function useDownTime(downSince: number | null): number {
  const [reached, setReached] = useState(0);
  useEffect(() => {
    setReached(0);
    if (downSince === null) return;
    const timers = [QUIET_FOR, BUTTON_AFTER].map((step) =>
      setTimeout(() => setReached(step), Math.max(0, downSince + step - Date.now())),
    );
    return () => timers.forEach(clearTimeout);
  }, [downSince]);
  return downSince === null ? 0 : reached;
}

function phaseOf(state: ConnectionState, down: number): ConnectionPhase {
  if (state.status === "stopped" && state.reason?.slug !== "stopped") return state.mayRetry ? "gave-up" : "ended";
  if (state.status === "open" || state.status === "idle" || down < QUIET_FOR) return "quiet";
  return down < BUTTON_AFTER ? "reconnecting" : "offline";
}

/** The state of the one socket, and what to tell about it. */
export function useConnection(): ConnectionView {
  const { client } = useCarillon();
  const store = client?.connection.state;
  const state = useSyncExternalStore(store?.subscribe ?? never, store?.getSnapshot ?? idle, idle);
  const phase = phaseOf(state, useDownTime(state.downSince));
  const retry = useCallback(() => client?.connection.retry(), [client]);
  return { state, phase, retry };
}
