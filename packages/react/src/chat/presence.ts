import type { Presence } from "@carillon/client";
import { lastSeenTime } from "./format.js";
import type { ChatWords } from "./words.js";

/** How somebody is, in words: here, away, or when they were here last. Empty of whom nothing is known. */
export function presenceWords(presence: Presence | undefined, now: number, words: ChatWords): string {
  if (!presence) return "";
  if (presence.state !== "offline" || !presence.last_seen) return words.presence[presence.state];
  return words.lastSeen(lastSeenTime(Date.parse(presence.last_seen), now, words));
}
