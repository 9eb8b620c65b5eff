/** `hooks/useNotifications` of source 001: the list with its unread counter (REQUIREMENTS 001-29, C19). */
import type { ClientError, Notification, NotificationsQuery } from "@carillon/client";
import { useMemo } from "react";
import { useConnection } from "../../hooks/useConnection.js";
import { useNotifications as useList } from "../../hooks/useNotifications.js";
import type { ListFilters } from "../services/notifications.js";

export interface NotificationsHandle {
  /** Newest first, with what was just done already shown. */
  readonly notifications: readonly Notification[];
  /** All unread ones, loaded or not. */
  readonly unreadCount: number;
  readonly isLoading: boolean;
  readonly error: ClientError | null;
  /** False while the list is asked for every 30 s instead. */
  readonly isConnected: boolean;
  readonly hasMore: boolean;
  readonly loadMore: () => Promise<void>;
  readonly refresh: () => Promise<void>;
  /** Each resolves when the server has decided, and rejects when it refused; the list shows it at once. */
  readonly markRead: (id: string) => Promise<void>;
  readonly markUnread: (id: string) => Promise<void>;
  readonly markAllRead: () => Promise<void>;
  readonly remove: (id: string) => Promise<void>;
  readonly clearRead: () => Promise<void>;
}

/** The query of the shared store that shows what the document's filters ask for. */
export function queryOf({ unreadOnly, type }: ListFilters): NotificationsQuery {
  return { filters: { ...(unreadOnly && { unread: true }), ...(type && { type }) } };
}

/** Live by the socket; asked for every 30 s only while there is none. One store for all callers, so that all counts agree. */
export function useNotifications(filters: ListFilters = {}): NotificationsHandle {
  const { store, items, inbox, status, error, hasMore } = useList(queryOf(filters));
  const { state } = useConnection();
  const isConnected = state.status === "open";
  const actions = useMemo(() => {
    const nothing = async () => {};
    return {
      loadMore: store ? () => store.loadMore() : nothing,
      refresh: store ? () => store.load() : nothing,
      markRead: store ? (id: string) => store.markRead([id]).done : nothing,
      markUnread: store ? (id: string) => store.markUnread([id]).done : nothing,
      markAllRead: store ? () => store.markAllRead().done : nothing,
      remove: store ? (id: string) => store.remove([id]).done : nothing,
      clearRead: store ? () => store.clearRead().done : nothing,
    };
  }, [store]);
  return useMemo(
    () => ({
      ...actions,
      notifications: items,
      unreadCount: inbox.unread,
      isLoading: status === "idle" || status === "loading",
      error,
      isConnected,
      hasMore,
    }),
    [actions, items, inbox.unread, status, error, isConnected, hasMore],
  );
}
