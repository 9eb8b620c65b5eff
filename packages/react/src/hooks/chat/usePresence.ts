import type { Presence, PresenceSnapshot, PresenceTargets } from "@carillon/client";
import { useEffect } from "react";
import { presenceWords } from "../../chat/presence.js";
import { useChatWords } from "../../chat/words.js";
import { usePresenceStore, useStore } from "./stores.js";
import { useNow } from "./useNow.js";

const NOBODY: PresenceSnapshot = new Map();
/** Who does nothing for so long is away. */
const AWAY_AFTER = 5 * 60_000;
const SIGNS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"] as const;

/** Who of these people, and of the members of these conversations, is online; whoever is missing is unknown. */
export function usePresence(targets: PresenceTargets): PresenceSnapshot {
  const store = usePresenceStore();
  const key = JSON.stringify([targets.people ?? [], targets.conversations ?? []]);
  useEffect(() => {
    const [people, conversations] = JSON.parse(key) as [string[], number[]];
    if (!store || (people.length === 0 && conversations.length === 0)) return;
    return store.watch({ people, conversations });
  }, [store, key]);
  return useStore(store, NOBODY);
}

/** How somebody is, in words ("online", "seen yesterday at 18:10"); live by the minute. Empty of whom nothing is known. */
export function usePresenceWords(): (presence: Presence | undefined) => string {
  const words = useChatWords();
  const now = useNow();
  return (presence) => presenceWords(presence, now, words);
}

/** Tells that the reader is away after five minutes without a sign of life on this page, and back at the next one. */
export function useAway(): void {
  const store = usePresenceStore();
  useEffect(() => {
    if (!store) return;
    let isAway = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const rest = () => {
      isAway = true;
      store.report("away");
    };
    const wait = () => {
      clearTimeout(timer);
      timer = setTimeout(rest, AWAY_AFTER);
    };
    const onSign = () => {
      wait();
      if (!isAway) return;
      isAway = false;
      store.report("online");
    };
    wait();
    for (const sign of SIGNS) addEventListener(sign, onSign, { passive: true, capture: true });
    return () => {
      clearTimeout(timer);
      for (const sign of SIGNS) removeEventListener(sign, onSign, { capture: true });
      if (isAway) store.report("online");
    };
  }, [store]);
}
