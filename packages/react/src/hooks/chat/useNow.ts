import { useSyncExternalStore } from "react";
import { ticker, today } from "../../clock.js";

/** The time, in half minutes: for words such as "5 minutes ago". */
export function useNow(): number {
  return useSyncExternalStore(ticker.subscribe, ticker.getSnapshot, ticker.getSnapshot);
}

/** The start of the local day; changes once a day. */
export function useToday(): number {
  return useSyncExternalStore(ticker.subscribe, today, today);
}
