import {
  createNotificationsStore,
  NO_NOTIFICATIONS,
  type NotificationsQuery,
  type NotificationsSnapshot,
  type NotificationsStore,
} from "@carillon/client";
import { useMemo, useSyncExternalStore } from "react";
import { useCarillon } from "../context.js";

const never = () => () => {};
const empty = () => NO_NOTIFICATIONS;

/** The shared store of one query; null until there is a client. The client keeps one per query, so asking again is free. */
export function useNotificationsStore(query?: NotificationsQuery): NotificationsStore | null {
  const { client } = useCarillon();
  const key = JSON.stringify(query ?? {});
  return useMemo(() => (client ? createNotificationsStore(client, JSON.parse(key)) : null), [client, key]);
}

/** The snapshot of a store, live. */
export function useSnapshot(store: NotificationsStore | null): NotificationsSnapshot {
  return useSyncExternalStore(store?.subscribe ?? never, store?.getSnapshot ?? empty, empty);
}

/** One list of notifications, live, with its counters and its writes; every write appears at once and is put back if refused. */
export function useNotifications(
  query?: NotificationsQuery,
): NotificationsSnapshot & { store: NotificationsStore | null } {
  const store = useNotificationsStore(query);
  const snapshot = useSnapshot(store);
  return useMemo(() => ({ ...snapshot, store }), [snapshot, store]);
}
