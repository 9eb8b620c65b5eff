import type { Notification, NotificationsStore, WriteHandle } from "@carillon/client";
import { useMemo } from "react";
import { type CarillonContextValue, useCarillon } from "../context.js";
import { dueTime } from "../format.js";
import { UNDO_TIME } from "../toasts.js";

/** What a person does to notifications; each says what it did, and how to take it back. */
export interface NotificationActions {
  /** Reading is a click: marks them read, silently. */
  readonly read: (items: readonly Notification[]) => void;
  readonly press: (item: Notification, button: string) => void;
  readonly toggleRead: (items: readonly Notification[]) => void;
  readonly archive: (items: readonly Notification[]) => void;
  readonly unarchive: (items: readonly Notification[]) => void;
  readonly snooze: (items: readonly Notification[], until: Date) => void;
  readonly unsnooze: (items: readonly Notification[]) => void;
  readonly remove: (items: readonly Notification[]) => void;
  readonly markAll: () => void;
}

const idsOf = (items: readonly Notification[]) => items.map((item) => item.id);

function actionsOf(store: NotificationsStore, { toasts, labels }: CarillonContextValue): NotificationActions {
  /** Tells what was done, with six seconds to take it back. */
  const tell = (text: string, handle: WriteHandle) => {
    const run = () => void handle.undo();
    return toasts.show({ text, time: UNDO_TIME, action: { label: labels.undo, run, isUndo: true } });
  };
  return {
    read: (items) => {
      const unread = items.filter((item) => !item.is_read);
      if (unread.length > 0) store.markRead(idsOf(unread));
    },
    press: (item, button) => void store.press(item.id, button),
    toggleRead: (items) => {
      if (items.some((item) => !item.is_read)) store.markRead(idsOf(items));
      else store.markUnread(idsOf(items));
    },
    archive: (items) => void tell(labels.archived(items.length), store.archive(idsOf(items))),
    unarchive: (items) => void tell(labels.unarchived(items.length), store.unarchive(idsOf(items))),
    snooze: (items, until) => {
      const when = dueTime(until.getTime(), Date.now(), labels);
      tell(labels.snoozed(when), store.snooze(idsOf(items), until));
    },
    unsnooze: (items) => void tell(labels.unsnoozed, store.unsnooze(idsOf(items))),
    remove: (items) => {
      // Deleting is for good: it is only sent when it can no longer be taken back.
      const handle = store.remove(idsOf(items), { holdFor: UNDO_TIME });
      const toast = tell(labels.removed(items.length), handle);
      const close = () => toasts.dismiss(toast);
      handle.done.then(close, close);
    },
    markAll: () => void tell(labels.allRead, store.markAllRead()),
  };
}

/** The actions of a list, the same ones until the store or the language changes; null until there is a client. */
export function useActions(store: NotificationsStore | null): NotificationActions | null {
  const carillon = useCarillon();
  return useMemo(() => (store ? actionsOf(store, carillon) : null), [store, carillon]);
}
