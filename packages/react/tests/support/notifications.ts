import type { Notification, Person } from "@carillon/client";

/** People with names as long as they come. */
export const AWA: Person = { id: "11", name: "Awa Diallo", role: "", avatar: "", username: "" };
export const MAX: Person = {
  id: "12",
  name: "Maximilienne de La Rochefoucauld-Montbel",
  role: "",
  avatar: "",
  username: "",
};

/** One notification, unread, with the number as its age in minutes from the newest. */
export function notification(number: number, part: Partial<Notification> = {}): Notification {
  return {
    id: number.toString(16).padStart(12, "0"),
    number,
    type: "message",
    severity: "info",
    kind: "",
    title: `Phrase ${number}`,
    message: "",
    url: `/ici/${number}`,
    icon: "",
    group_key: "",
    actor: null,
    data: {},
    message_id: "",
    is_read: false,
    is_seen: false,
    is_archived: false,
    snoozed_until: null,
    read_at: null,
    created_at: new Date(Date.now() - 60_000).toISOString(),
    ...part,
  };
}

/** `count` notifications, highest number first. */
export function many(count: number, part: Partial<Notification> = {}): Notification[] {
  return Array.from({ length: count }, (_, index) => notification(count - index, part));
}
