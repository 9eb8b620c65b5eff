import { type ConversationSnapshot, type ConversationStore, NO_CONVERSATION } from "@carillon/client";
import { useMemo } from "react";
import { useConversationStore, useStore } from "./stores.js";

/** One conversation with its members, live; null waits for an id. */
export function useConversation(id: number | null): ConversationSnapshot & { store: ConversationStore | null } {
  const store = useConversationStore(id);
  const snapshot = useStore(store, NO_CONVERSATION);
  return useMemo(() => ({ ...snapshot, store }), [snapshot, store]);
}
