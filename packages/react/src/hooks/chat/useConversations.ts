import {
  type ConversationsQuery,
  type ConversationsSnapshot,
  type ConversationsStore,
  NO_CONVERSATIONS,
} from "@carillon/client";
import { useMemo } from "react";
import { useConversationsStore, useStore } from "./stores.js";

/** The list of conversations, live, latest activity first; `unread` is for a badge. */
export function useConversations(
  query?: ConversationsQuery,
): ConversationsSnapshot & { store: ConversationsStore | null } {
  const store = useConversationsStore(query);
  const snapshot = useStore(store, NO_CONVERSATIONS);
  return useMemo(() => ({ ...snapshot, store }), [snapshot, store]);
}
