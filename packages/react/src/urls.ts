import { buttonsOf, type Notification, type NotificationButton } from "@carillon/client";

/** `url` where it may be opened by a click: a web address or a path of this site; else null. */
export function safeUrl(url: unknown): string | null {
  if (typeof url !== "string" || !url) return null;
  try {
    const { protocol } = new URL(url, location.href);
    return protocol === "http:" || protocol === "https:" || protocol === "mailto:" ? url : null;
  } catch {
    return null;
  }
}

/** The path, query and hash of a URL of this site; null for any other site. */
export function innerPath(url: string): string | null {
  const { origin, pathname, search, hash } = new URL(url, location.href);
  return origin === location.origin ? pathname + search + hash : null;
}

export type Answer = NotificationButton;

const MOST_ANSWERS = 3;

/** The buttons that a row shows: commands, and links that a click may open. */
export function answersOf(notification: Notification): Answer[] {
  return buttonsOf(notification)
    .slice(0, MOST_ANSWERS)
    .filter(({ url }) => url === null || safeUrl(url) !== null);
}
