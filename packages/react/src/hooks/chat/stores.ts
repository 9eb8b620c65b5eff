/** The stores of the chat for components: one per client, live while something on the page shows them. */
import {
  type ConversationStore,
  type ConversationsQuery,
  type ConversationsStore,
  createConversationStore,
  createConversationsStore,
  createDraftsStore,
  createMessagesStore,
  createPresenceStore,
  type DraftsStore,
  type MessagesStore,
  type PresenceStore,
  type ReadableStore,
} from "@carillon/client";
import { useMemo, useSyncExternalStore } from "react";
import { useCarillon } from "../../context.js";

const never = () => () => {};

/** The snapshot of a store, live; `empty` while there is none. */
export function useStore<Snapshot>(store: ReadableStore<Snapshot> | null, empty: Snapshot): Snapshot {
  return useSyncExternalStore(store?.subscribe ?? never, store?.getSnapshot ?? (() => empty), () => empty);
}

export function useConversationsStore(query: ConversationsQuery = {}): ConversationsStore | null {
  const { client } = useCarillon();
  const key = JSON.stringify(query);
  return useMemo(() => (client ? createConversationsStore(client, JSON.parse(key)) : null), [client, key]);
}

export function useConversationStore(id: number | null): ConversationStore | null {
  const { client } = useCarillon();
  return useMemo(() => (client && id !== null ? createConversationStore(client, id) : null), [client, id]);
}

export function useMessagesStore(id: number | null): MessagesStore | null {
  const { client } = useCarillon();
  return useMemo(() => (client && id !== null ? createMessagesStore(client, id) : null), [client, id]);
}

export function useDraftsStore(): DraftsStore | null {
  const { client } = useCarillon();
  return useMemo(() => (client ? createDraftsStore(client) : null), [client]);
}

export function usePresenceStore(): PresenceStore | null {
  const { client } = useCarillon();
  return useMemo(() => (client ? createPresenceStore(client) : null), [client]);
}
