import type { Message, MessageItem, MessagesStore } from "@carillon/client";
import { useCallback, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { EmojiRequest } from "../../components/chat/Emojis.js";
import type { MessageHandlers } from "../../components/chat/MessageRow.js";
import { useMessageMenu } from "./useMessageMenu.js";

interface Options {
  store: MessagesStore | null;
  mayManage: boolean;
  onReply: (message: Message) => void;
  onEdit: (message: Message) => void;
  onTakeBack: (words: string) => void;
  onQuoted: (seq: number) => void;
}

/** Everything that rows cause, behind one object that stays the same for their whole life. */
export function useMessageHandlers(options: Options) {
  const { store } = options;
  const [currentKey, setCurrent] = useState<string | null>(null);
  const [activeKey, activate] = useState<string | null>(null);
  const [picking, setPicking] = useState<EmojiRequest | null>(null);

  const pick = useCallback(
    (message: Message, anchor: HTMLElement) =>
      setPicking({ anchor, onPick: (emoji) => void store?.react(message.id, emoji, true) }),
    [store],
  );
  const menu = useMessageMenu({ ...options, onPick: pick });
  const latest = useRef({ ...options, menu });
  useLayoutEffect(() => {
    latest.current = { ...options, menu };
  });
  const handlers = useMemo<MessageHandlers>(
    () => ({
      activate,
      focus: (key) => {
        setCurrent(key);
        activate(key);
      },
      reply: (message) => latest.current.onReply(message),
      pick,
      more: (item, anchor) => latest.current.menu.open(item, anchor),
      react: (message, emoji, isOn) => void latest.current.store?.react(message.id, emoji, isOn),
      retry: (item) => latest.current.store?.retry(item.message.client_id),
      discard: (item: MessageItem) => {
        const words = latest.current.store?.discard(item.message.client_id);
        if (words) latest.current.onTakeBack(words);
      },
      openQuoted: (seq) => latest.current.onQuoted(seq),
    }),
    [pick],
  );
  const endPicking = useCallback(() => setPicking(null), []);
  return { handlers, menu, currentKey, activeKey, picking, endPicking };
}

export type MessageModel = ReturnType<typeof useMessageHandlers>;
