import { useSyncExternalStore } from "react";

const EVENTS = ["focus", "blur"] as const;

function subscribe(listener: () => void): () => void {
  for (const name of EVENTS) addEventListener(name, listener);
  document.addEventListener("visibilitychange", listener);
  return () => {
    for (const name of EVENTS) removeEventListener(name, listener);
    document.removeEventListener("visibilitychange", listener);
  };
}

const isLookedAt = () => document.visibilityState === "visible" && document.hasFocus();

/** True while the reader can be taken to look at this page: it is shown, and its window is the one in use. */
export function useEyes(): boolean {
  return useSyncExternalStore(subscribe, isLookedAt, () => false);
}
