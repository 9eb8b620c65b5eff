/** Which notifications a list shows: views, filters, and what the counters count. */
import type { Notification } from "../protocol.js";
import type { NotificationFilters, NotificationsView } from "../stores/contract.js";

/** The one view that a notification stands in. */
export function viewOf(notification: Notification): NotificationsView {
  if (notification.is_archived) return "archive";
  return notification.snoozed_until === null ? "inbox" : "snoozed";
}

/** True when a list of this view and these filters shows the notification. */
export function belongs(notification: Notification, view: NotificationsView, filters: NotificationFilters): boolean {
  return viewOf(notification) === view && passes(notification, filters);
}

export function isCountedUnread(notification: Notification): boolean {
  return viewOf(notification) === "inbox" && !notification.is_read;
}

export function isCountedUnseen(notification: Notification): boolean {
  return viewOf(notification) === "inbox" && !notification.is_seen;
}

function passes(notification: Notification, filters: NotificationFilters): boolean {
  const { unread, type, kind, severity, q } = filters;
  if (unread !== undefined && unread === notification.is_read) return false;
  if (type && notification.type !== type) return false;
  if (kind && notification.kind !== kind) return false;
  if (severity && notification.severity !== severity) return false;
  return !q || contains(notification, q);
}

function contains(notification: Notification, words: string): boolean {
  const text = `${notification.title}\n${notification.message}`.toLowerCase();
  return text.includes(words.trim().toLowerCase());
}
