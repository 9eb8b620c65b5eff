import type { Notification, NotificationsQuery, NotificationsSnapshot, NotificationsStore } from "@carillon/client";
import { type MouseEvent, type RefObject, useCallback, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { RowHandlers } from "../components/NotificationRow.js";
import { useCarillon } from "../context.js";
import { type Entry, toEntries } from "../entries.js";
import { innerPath } from "../urls.js";
import { type NotificationActions, useActions } from "./useActions.js";
import { useFailures } from "./useFailures.js";
import { useHeld } from "./useHeld.js";
import { useHolding } from "./useHolding.js";
import { type ListCommands, type ListKeys, useListKeys } from "./useListKeys.js";
import { useNotificationsStore, useSnapshot } from "./useNotifications.js";
import { type RowMenu, useRowMenu } from "./useRowMenu.js";

interface Options {
  query: NotificationsQuery;
  /** What holds the list. */
  root: RefObject<HTMLElement | null>;
  /** What scrolls it; the window when absent. */
  scroller?: RefObject<HTMLElement | null>;
  scope: "page" | "inside";
  /** Called after a click went somewhere inside the host. */
  onLeave?: () => void;
  onHelp?: () => void;
  onSearch?: () => void;
}

/** Everything that a list of notifications needs; the bell's panel and the full page show it differently. */
export interface ListModel {
  readonly store: NotificationsStore | null;
  readonly snapshot: NotificationsSnapshot;
  /** Its rows, of which those near the view are drawn. */
  readonly entries: readonly Entry[];
  /** True while there are older ones to fetch. */
  readonly hasMore: boolean;
  readonly more: () => void;
  /** What scrolls it; the window when absent. */
  readonly scroller: RefObject<HTMLElement | null> | undefined;
  readonly actions: NotificationActions | null;
  readonly handlers: RowHandlers;
  readonly keys: ListKeys;
  readonly menu: RowMenu;
  readonly activeId: string | null;
  readonly expanded: ReadonlySet<string>;
  /** Ids whose writes wait for the network. */
  readonly waiting: ReadonlySet<string>;
  readonly newCount: number;
  readonly showNew: () => void;
  readonly holding: Pick<ReturnType<typeof useHolding>, "topRef" | "listProps">;
}

const NONE: ReadonlySet<string> = new Set();

function isPlainClick(event: MouseEvent): boolean {
  return event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
}

/** Opens what a click means: marks read, then goes where the notification points. */
function useOpen(actions: NotificationActions | null, onLeave: (() => void) | undefined) {
  const { onNavigate } = useCarillon();
  return useCallback(
    (items: readonly Notification[], url: string | null, event: MouseEvent) => {
      const [notification] = items;
      actions?.read(items);
      if (!url || !notification || !isPlainClick(event)) return;
      const path = innerPath(url);
      if (path === null || !onNavigate) return;
      event.preventDefault();
      onNavigate(path, notification);
      onLeave?.();
    },
    [actions, onNavigate, onLeave],
  );
}

function useExpanded(): [ReadonlySet<string>, (id: string) => void] {
  const [expanded, setExpanded] = useState(NONE);
  const toggle = useCallback((id: string) => {
    setExpanded((now) => {
      const next = new Set(now);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }, []);
  return [expanded, toggle];
}

/** Builds the model of one list. */
export function useList(options: Options): ListModel {
  const { query, root, scroller, scope, onLeave, onHelp, onSearch } = options;
  const view = query.view ?? "inbox";
  const store = useNotificationsStore(query);
  const snapshot = useSnapshot(store);
  const actions = useActions(store);
  useFailures(store, snapshot.failure);

  const { isHolding, ...holding } = useHolding(scroller);
  const held = useHeld(store, snapshot.items, isHolding);
  const entries = useMemo(() => toEntries(held.items), [held.items]);
  const menu = useRowMenu(view, actions);
  const [activeId, activate] = useState<string | null>(null);
  const [expanded, toggleGroup] = useExpanded();
  const open = useOpen(actions, onLeave);

  // Rows keep the same handlers for their whole life; what those call may change.
  const latest = useRef({ actions, menu, open, setCurrent: (_: string | null) => {} });
  const handlers = useMemo<RowHandlers>(() => {
    const archive = ({ all }: Entry) => {
      const { actions: act } = latest.current;
      if (view === "archive") act?.unarchive(all);
      else act?.archive(all);
    };
    return {
      open: (entry, url, event) => {
        latest.current.setCurrent(entry.id);
        latest.current.open(entry.all, url, event);
      },
      openOne: (item, url, event) => latest.current.open([item], url, event),
      press: (item, button) => latest.current.actions?.press(item, button),
      toggleRead: ({ all }) => latest.current.actions?.toggleRead(all),
      archive,
      snooze: (entry, anchor) => latest.current.menu.snooze(entry, anchor),
      more: (entry, anchor) => latest.current.menu.more(entry, anchor),
      toggleGroup,
      activate,
    };
  }, [view, toggleGroup]);

  const commands: ListCommands = {
    toggleRead: handlers.toggleRead,
    archive: handlers.archive,
    snooze: handlers.snooze,
    remove: ({ all }) => actions?.remove(all),
    ...(onSearch && { search: onSearch }),
    ...(onHelp && { help: onHelp }),
  };
  const keys = useListKeys({ list: store, entries, root, scope, commands });
  useLayoutEffect(() => {
    latest.current = { actions, menu, open, setCurrent: keys.setCurrent };
  });

  const showNew = () => {
    held.release();
    keys.focusAt(0);
    if (scroller?.current) scroller.current.scrollTop = 0;
    else root.current?.scrollIntoView({ block: "start" });
  };
  const more = useCallback(() => void store?.loadMore(), [store]);
  return {
    store,
    snapshot,
    entries,
    hasMore: snapshot.hasMore,
    scroller,
    more,
    actions,
    handlers,
    keys,
    menu,
    activeId,
    expanded,
    waiting: snapshot.waiting > 0 ? snapshot.pending : NONE,
    newCount: held.count,
    showNew,
    holding,
  };
}
