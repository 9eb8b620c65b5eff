import type { MessageItem, MessagesSnapshot } from "@carillon/client";
import { useEffect, useRef, useState } from "react";
import { shortName } from "../../chat/format.js";
import { wordsOf } from "../../chat/plain.js";
import { systemSentence } from "../../chat/system.js";
import { type ChatWords, useChatWords } from "../../chat/words.js";

function told({ message }: MessageItem, me: string | undefined, words: ChatWords): string {
  if (message.system) return systemSentence(message.system, me, words).text;
  return words.said(message.sender ? shortName(message.sender) : words.someone, wordsOf(message));
}

/**
 * What a screen reader is told of a thread: the message that just came, or how many did. The log itself is silent, for
 * what scrolls into a list that draws only a part of itself has not just come.
 */
export function useAnnouncement(
  { items, hasAfter, lastSeq, status }: MessagesSnapshot,
  me: string | undefined,
): string {
  const words = useChatWords();
  const known = useRef<number | null>(null);
  const [text, setText] = useState("");
  useEffect(() => {
    if (status !== "ready") return;
    const before = known.current;
    known.current = lastSeq;
    if (before === null || lastSeq <= before || hasAfter) return;
    const fresh = items.filter((item) => item.message.seq > before && !item.isMine);
    const [first] = fresh;
    if (first) setText(fresh.length === 1 ? told(first, me, words) : words.newMessages(fresh.length));
  }, [items, hasAfter, lastSeq, status, me, words]);
  return text;
}
