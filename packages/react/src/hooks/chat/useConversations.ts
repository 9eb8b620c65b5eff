import type { ConversationsQuery, ConversationsSnapshot, ConversationsStore } from "@carillon/client";
import { useMemo } from "react";
import { NO_CONVERSATIONS, useConversationsStore, useStore } from "./stores.js";

/** The list of conversations, live, latest activity first; `unread` is for a badge. */
export function useConversations(
  query?: ConversationsQuery,
): ConversationsSnapshot & { store: ConversationsStore | null } {
  const store = useConversationsStore(query);
  const snapshot = useStore(store, NO_CONVERSATIONS);
  return useMemo(() => ({ ...snapshot, store }), [snapshot, store]);
}
