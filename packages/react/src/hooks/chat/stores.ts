/** The stores of the chat for components: one per client, live while something on the page shows them. */
import {
  type ConversationSnapshot,
  type ConversationStore,
  type ConversationsQuery,
  type ConversationsSnapshot,
  type ConversationsStore,
  createConversationStore,
  createConversationsStore,
  createDraftsStore,
  createMessagesStore,
  createPresenceStore,
  type DraftsStore,
  type MessagesSnapshot,
  type MessagesStore,
  type PresenceStore,
  type ReadableStore,
} from "@carillon/client";
import { useMemo, useSyncExternalStore } from "react";
import { useCarillon } from "../../context.js";

export const NO_CONVERSATIONS: ConversationsSnapshot = {
  status: "idle",
  error: null,
  items: [],
  hasMore: false,
  isLoadingMore: false,
  unread: 0,
  unreadMessages: 0,
  pending: new Set(),
  failure: null,
};
export const NO_CONVERSATION: ConversationSnapshot = {
  status: "idle",
  error: null,
  conversation: null,
  members: [],
  mine: null,
  typing: [],
  isLookedAt: false,
  failure: null,
};
export const NO_MESSAGES: MessagesSnapshot = {
  status: "idle",
  error: null,
  items: [],
  unsent: [],
  hasBefore: false,
  hasAfter: false,
  isLoadingBefore: false,
  isLoadingAfter: false,
  isJumping: false,
  lastSeq: 0,
  readUpTo: 0,
  unread: 0,
  divider: null,
  readers: new Map(),
  failure: null,
};

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
