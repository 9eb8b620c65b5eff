import type { NotificationsStore } from "@carillon/client";
import { useEffect, useState } from "react";
import { useCarillon } from "../context.js";

/** How long a burst waits for its next notification before it is told, and at most. */
const PAUSE = 700;
const LONGEST = 3000;
/** One swing of the bell: twice `slow`. */
const SWING = 640;

export interface Arrivals {
  /** True while the bell swings: once per burst. */
  readonly isRinging: boolean;
  /** What a polite live region says: one sentence per burst. */
  readonly announcement: string;
}

/** Gathers arrivals into bursts: the first of a burst rings, and its end is announced once. */
export function useArrivals(store: NotificationsStore | null): Arrivals {
  const { labels, sound } = useCarillon();
  const [isRinging, setRinging] = useState(false);
  const [announcement, setAnnouncement] = useState("");

  useEffect(() => {
    if (!store) return;
    let count = 0;
    let title = "";
    let began = 0;
    let telling: ReturnType<typeof setTimeout> | undefined;
    let resting: ReturnType<typeof setTimeout> | undefined;
    const tell = () => {
      setAnnouncement(labels.arrived(count, title));
      count = 0;
    };
    const end = store.onArrival(({ notification }) => {
      if (count === 0) {
        began = Date.now();
        setAnnouncement("");
        setRinging(true);
        sound?.ring();
        clearTimeout(resting);
        resting = setTimeout(() => setRinging(false), SWING);
      }
      count += 1;
      title = notification.title;
      clearTimeout(telling);
      telling = setTimeout(tell, Math.min(PAUSE, Math.max(0, began + LONGEST - Date.now())));
    });
    return () => {
      end();
      clearTimeout(telling);
      clearTimeout(resting);
      setRinging(false);
    };
  }, [store, labels, sound]);

  return { isRinging, announcement };
}
