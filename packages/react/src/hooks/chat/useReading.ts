import type { ConversationStore, MessagesStore } from "@carillon/client";
import { useCallback, useEffect, useRef } from "react";
import { useEyes } from "./useEyes.js";

/** What is in view is read, while the reader looks at the page; the returned function is told the last seq in view. */
export function useReading(
  conversation: ConversationStore | null,
  messages: MessagesStore | null,
): (seq: number) => void {
  const isLooking = useEyes();
  const seen = useRef(0);
  useEffect(() => (isLooking && conversation ? conversation.look() : undefined), [isLooking, conversation]);
  useEffect(() => {
    if (isLooking && seen.current > 0) messages?.markRead(seen.current);
  }, [isLooking, messages]);
  return useCallback(
    (seq: number) => {
      if (seq <= seen.current) return;
      seen.current = seq;
      if (isLooking) messages?.markRead(seq);
    },
    [isLooking, messages],
  );
}
