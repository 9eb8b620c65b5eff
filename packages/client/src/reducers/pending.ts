/** Writes that are shown before the server has decided: each is an action that can be laid over a confirmed state. */

import { buttonsOf } from "../buttons.js";
import type { EventFrame, KnownEvent, Notification, Position } from "../protocol.js";
import { clearUpTo, type NotificationsState, place, readUpTo, seenUpTo, without } from "./notifications.js";

export type ItemAction = "read" | "unread" | "archive" | "unarchive" | "snooze" | "unsnooze" | "delete" | "press";
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
  /** For `press`: the name of the button. */
  button?: string;
  /** For `restore_unread`: how many become unread again, as long as the counters stay at `version`; null when unknown. */
  gain: { unread: number; version: number } | null;
  /** Position of the write's event, once the reply told it; null too when the write changed nothing. */
  position: Position | null;
  /** Version of the counters when the server decided, once the reply told it. */
  version: number | null;
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

type Change = Pick<PendingWrite, "action" | "at" | "until" | "button">;

/** What one item becomes; null when it goes. */
export function changed(item: Notification, write: Change): Notification | null {
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
      return { ...item, is_archived: false, snoozed_until: write.until };
    case "unsnooze":
      return { ...item, snoozed_until: null };
    case "seen":
      return { ...item, is_seen: true };
    case "press":
      return pressed(item, write.button ?? "", readAt);
    default:
      return null;
  }
}

/** Without `at`: the server has not said yet that it was done. */
function pressed(item: Notification, name: string, readAt: string): Notification {
  if (item.data.pressed !== undefined) return item;
  const label = buttonsOf(item).find((button) => button.name === name)?.label ?? "";
  const data = { ...item.data, pressed: { name, label, text: "" } };
  return { ...item, data, is_read: true, is_seen: true, read_at: readAt, snoozed_until: null };
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
    case "press":
      return notification.data.pressed !== undefined;
    default:
      return false;
  }
}
