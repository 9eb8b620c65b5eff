import { NO_CONVERSATION, type Person } from "@carillon/client";
import { useCallback } from "react";
import { useConversationStore, useStore } from "./stores.js";

interface Typing {
  /** Who is typing now, without the reader. */
  readonly people: readonly Person[];
  /** Call it at each keystroke with true, and with false when the field was emptied; it is told at most every two seconds. */
  readonly setTyping: (isTyping: boolean) => void;
}

/** Who is typing in a conversation, and how to tell that the reader is. */
export function useTyping(id: number | null): Typing {
  const store = useConversationStore(id);
  const { typing } = useStore(store, NO_CONVERSATION);
  const setTyping = useCallback((isTyping: boolean) => store?.setTyping(isTyping), [store]);
  return { people: typing, setTyping };
}
