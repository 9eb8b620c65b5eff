import type { Notification } from "@carillon/client";

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

export interface Answer {
  readonly label: string;
  readonly url: string;
}

/** The buttons that a notification carries in `data.actions`: at most two, each with a label and a URL. */
export function answersOf({ data }: Notification): Answer[] {
  const actions: unknown = (data as Record<string, unknown>).actions;
  if (!Array.isArray(actions)) return [];
  return actions.slice(0, 2).flatMap((action: unknown) => {
    const { label, url } = (action ?? {}) as Record<string, unknown>;
    const safe = safeUrl(url);
    return typeof label === "string" && safe ? [{ label, url: safe }] : [];
  });
}
