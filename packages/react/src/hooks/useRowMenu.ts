import type { NotificationsView } from "@carillon/client";
import { useMemo, useState } from "react";
import type { MenuItem, MenuRequest } from "../components/Menu.js";
import { useLabels } from "../context.js";
import type { Entry } from "../entries.js";
import { dueTime, snoozeChoices } from "../format.js";
import type { Labels } from "../labels.js";
import type { NotificationActions } from "./useActions.js";

export interface RowMenu {
  readonly request: MenuRequest | null;
  readonly close: () => void;
  /** Asks until when; one that is snoozed already wakes up at once. */
  readonly snooze: (entry: Entry, anchor: HTMLElement) => void;
  readonly more: (entry: Entry, anchor: HTMLElement) => void;
}

function snoozeItems(entry: Entry, actions: NotificationActions, labels: Labels): MenuItem[] {
  const now = Date.now();
  return snoozeChoices(now, labels).map(({ label, until }) => ({
    label,
    hint: dueTime(until.getTime(), now, labels),
    run: () => actions.snooze(entry.all, until),
  }));
}

function moreItems(
  entry: Entry,
  view: NotificationsView,
  actions: NotificationActions,
  labels: Labels,
  snooze: () => void,
): MenuItem[] {
  const { all } = entry;
  const isUnread = all.some((item) => !item.is_read);
  const read: MenuItem = {
    label: isUnread ? labels.markRead : labels.markUnread,
    icon: isUnread ? "check" : "ring",
    run: () => actions.toggleRead(all),
  };
  const wait: MenuItem =
    view === "snoozed"
      ? { label: labels.unsnooze, icon: "snooze", run: () => actions.unsnooze(all) }
      : { label: labels.snooze, icon: "snooze", run: snooze };
  const archive: MenuItem =
    view === "archive"
      ? { label: labels.unarchive, icon: "inbox", run: () => actions.unarchive(all) }
      : { label: labels.archive, icon: "archive", run: () => actions.archive(all) };
  const remove: MenuItem = { label: labels.remove, icon: "trash", run: () => actions.remove(all) };
  return view === "archive" ? [read, archive, remove] : [read, wait, archive, remove];
}

/** The one menu of a list: all actions of a row, or how long to snooze it. */
export function useRowMenu(view: NotificationsView, actions: NotificationActions | null): RowMenu {
  const labels = useLabels();
  const [request, setRequest] = useState<MenuRequest | null>(null);
  return useMemo(() => {
    const snooze = (entry: Entry, anchor: HTMLElement) => {
      if (!actions) return;
      if (view === "snoozed") actions.unsnooze(entry.all);
      else setRequest({ anchor, title: labels.snoozeUntil, items: snoozeItems(entry, actions, labels) });
    };
    const more = (entry: Entry, anchor: HTMLElement) => {
      if (!actions) return;
      const again = () => snooze(entry, anchor);
      setRequest({ anchor, title: labels.more, items: moreItems(entry, view, actions, labels, again) });
    };
    const close = () => setRequest((now) => (now === request ? null : now));
    return { request, close, snooze, more };
  }, [request, view, actions, labels]);
}
