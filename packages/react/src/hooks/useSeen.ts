import type { Inbox, NotificationsStore } from "@carillon/client";
import { useEffect } from "react";

/** While a list is looked at, all that is in it and all that comes is *seen*; a page in the background is not looked at. */
export function useSeen(store: NotificationsStore | null, { unseen, last_number: last }: Inbox, isShown = true): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the last number tells of something new to see
  useEffect(() => {
    if (!store || !isShown || unseen === 0) return;
    const see = () => {
      if (!document.hidden) store.seen();
    };
    see();
    document.addEventListener("visibilitychange", see);
    return () => document.removeEventListener("visibilitychange", see);
  }, [store, isShown, unseen, last]);
}
