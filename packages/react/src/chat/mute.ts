import { FOREVER } from "@carillon/client";

/** True for a mute that only the person ends. */
export function isMutedForever(until: Date | string): boolean {
  return new Date(until).getTime() >= new Date(FOREVER).getTime();
}
