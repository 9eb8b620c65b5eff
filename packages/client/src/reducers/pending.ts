/** Writes that are shown before the server has decided: each is an action that can be laid over a confirmed state. */
import type { EventFrame, Inbox, KnownEvent, Notification, Position } from "../protocol.js";
import { clearUpTo, type NotificationsState, place, readUpTo, seenUpTo, without } from "./notifications.js";
import { isCountedUnread, isCountedUnseen } from "./views.js";

export type ItemAction = "read" | "unread" | "archive" | "unarchive" | "snooze" | "unsnooze" | "delete";
export type RangeAction = "read_all" | "restore_unread" | "seen" | "clear_read";

export interface PendingWrite {
  ref: string;
  action: ItemAction | RangeAction;
  /** Concerned items that were loaded, as they were when the write was made. */
  items: readonly Notification[];
  ids: readonly string[];
  /** For ranges: every notification up to this number. */
  upTo: number;
  /** When it was made, ISO; stands for `read_at` until the server tells its own. */
  at: string;
  /** For `snooze`. */
  until: string | null;
  /** What it adds to the counters while the server has not counted it. */
  delta: { unread: number; unseen: number };
  /** Position of the write's event, once the reply told it. */
  position: Position | null;
}

/** The writes that `event` does not confirm; a write is never confirmed before an earlier one of the same items. */
export function unconfirmed(writes: readonly PendingWrite[], event: EventFrame): readonly PendingWrite[] {
  const open = new Set<string>();
  const left = writes.filter((write) => {
    const isBehind = write.ids.some((id) => open.has(id));
    if (!isBehind && isConfirmedBy(write, event)) return false;
    for (const id of write.ids) open.add(id);
    return true;
  });
  return left.length === writes.length ? writes : left;
}

/** What one item becomes; null when it goes. */
export function changed(item: Notification, write: Pick<PendingWrite, "action" | "at" | "until">): Notification | null {
  const readAt = item.read_at ?? write.at;
  switch (write.action) {
    case "read":
    case "read_all":
      return { ...item, is_read: true, is_seen: true, read_at: readAt };
    case "unread":
    case "restore_unread":
      return { ...item, is_read: false, read_at: null };
    case "archive":
      return { ...item, is_archived: true, is_read: true, is_seen: true, read_at: readAt, snoozed_until: null };
    case "unarchive":
      return { ...item, is_archived: false };
    case "snooze":
      return { ...item, snoozed_until: write.until };
    case "unsnooze":
      return { ...item, snoozed_until: null };
    case "seen":
      return { ...item, is_seen: true };
    default:
      return null;
  }
}

/** The state as it will be when the server agrees; the counters are left to `overlayInbox`. */
export function overlay(state: NotificationsState, write: PendingWrite): NotificationsState {
  switch (write.action) {
    case "read_all":
      return readUpTo(state, write.upTo, write.at);
    case "seen":
      return seenUpTo(state, write.upTo);
    case "clear_read":
      return clearUpTo(state, write.upTo);
    case "delete":
      return without(state, new Set(write.ids));
    default:
      return overlayItems(state, write);
  }
}

function overlayItems(state: NotificationsState, write: PendingWrite): NotificationsState {
  const shown = new Map(state.items.map((item) => [item.id, item]));
  const known = new Map(write.items.map((item) => [item.id, item]));
  const next = write.ids.flatMap((id) => {
    const item = shown.get(id) ?? known.get(id);
    return item === undefined ? [] : (changed(item, write) ?? []);
  });
  return place(state, next);
}

/** Counters with all pending writes counted in. */
export function overlayInbox(inbox: Inbox, writes: readonly PendingWrite[]): Inbox {
  if (writes.length === 0) return inbox;
  const unread = writes.reduce((sum, write) => sum + write.delta.unread, inbox.unread);
  const unseen = writes.reduce((sum, write) => sum + write.delta.unseen, inbox.unseen);
  return { ...inbox, unread: Math.max(0, unread), unseen: Math.max(0, unseen) };
}

/** How the counters move when `items` are changed by `write`. */
export function deltaOf(
  items: readonly Notification[],
  write: Pick<PendingWrite, "action" | "at" | "until">,
): PendingWrite["delta"] {
  let unread = 0;
  let unseen = 0;
  for (const item of items) {
    const after = changed(item, write);
    unread += Number(after !== null && isCountedUnread(after)) - Number(isCountedUnread(item));
    unseen += Number(after !== null && isCountedUnseen(after)) - Number(isCountedUnseen(item));
  }
  return { unread, unseen };
}

/** True when `event` tells what `write` asked for, so that the confirmed state contains it from here on. */
function isConfirmedBy(write: PendingWrite, event: EventFrame): boolean {
  const { position } = write;
  if (position !== null && event.epoch === position.epoch && (event.offset ?? -1) >= position.offset) return true;
  const known = event as KnownEvent;
  switch (known.type) {
    case "notification.updated":
      return isTold(write, known.data.notifications);
    case "notification.deleted":
      return write.action === "delete" && write.ids.every((id) => known.data.ids.includes(id));
    case "notification.all_read":
      return write.action === "read_all" && known.data.up_to >= write.upTo;
    case "notification.read_restored":
      return write.action === "restore_unread";
    case "notification.all_seen":
      return write.action === "seen" && known.data.up_to >= write.upTo;
    case "notification.read_cleared":
      return write.action === "clear_read" && known.data.up_to >= write.upTo;
    default:
      return false;
  }
}

function isTold(write: PendingWrite, notifications: readonly Notification[]): boolean {
  const told = new Map(notifications.map((notification) => [notification.id, notification]));
  return write.ids.length > 0 && write.ids.every((id) => shows(told.get(id), write));
}

function shows(notification: Notification | undefined, write: PendingWrite): boolean {
  if (notification === undefined) return false;
  switch (write.action) {
    case "read":
      return notification.is_read;
    case "unread":
      return !notification.is_read;
    case "archive":
      return notification.is_archived;
    case "unarchive":
      return !notification.is_archived;
    case "snooze":
      return notification.snoozed_until !== null;
    case "unsnooze":
      return notification.snoozed_until === null;
    default:
      return false;
  }
}
