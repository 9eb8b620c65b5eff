import { type MessagesSnapshot, type MessagesStore, NO_MESSAGES } from "@carillon/client";
import { useMemo } from "react";
import { useMessagesStore, useStore } from "./stores.js";

/** The messages of one conversation around where the reader is, live, those that were not sent yet among them. */
export function useMessages(id: number | null): MessagesSnapshot & { store: MessagesStore | null } {
  const store = useMessagesStore(id);
  const snapshot = useStore(store, NO_MESSAGES);
  return useMemo(() => ({ ...snapshot, store }), [snapshot, store]);
}
