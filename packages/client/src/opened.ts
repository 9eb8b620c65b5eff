/** Waiting for a connection that is being made. */
import type { ConnectionState } from "./api.js";
import type { Clock } from "./clock.js";
import type { ReadableStore } from "./stores/store.js";

/** True as soon as the connection is open; false after `milliseconds`, or at once when nobody tries to open it. */
export function opened(state: ReadableStore<ConnectionState>, clock: Clock, milliseconds: number): Promise<boolean> {
  const verdict = () => {
    const { status } = state.getSnapshot();
    if (status === "open") return true;
    return status === "idle" || status === "stopped" ? false : null;
  };
  const now = verdict();
  if (now !== null || milliseconds <= 0) return Promise.resolve(now ?? false);
  return new Promise((resolve) => {
    const finish = (isOpen: boolean) => {
      clock.clearTimeout(timer);
      stop();
      resolve(isOpen);
    };
    const timer = clock.setTimeout(() => finish(false), milliseconds);
    const stop = state.subscribe(() => {
      const later = verdict();
      if (later !== null) finish(later);
    });
  });
}
