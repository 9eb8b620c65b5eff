import type { Message, MessageItem, MessagesStore } from "@carillon/client";
import { useState } from "react";
import { useChatWords } from "../../chat/words.js";
import { ChatIcon } from "../../components/chat/ChatIcon.js";
import type { MenuItem, MenuRequest } from "../../components/Menu.js";
import { useCarillon } from "../../context.js";
import { UNDO_TIME } from "../../toasts.js";

interface Options {
  store: MessagesStore | null;
  /** True when the reader may delete what others wrote. */
  mayManage: boolean;
  onReply: (message: Message) => void;
  onEdit: (message: Message) => void;
  onPick: (message: Message, anchor: HTMLElement) => void;
}

/** What may be done with a message, and the one menu of it. */
export function useMessageMenu({ store, mayManage, onReply, onEdit, onPick }: Options) {
  const words = useChatWords();
  const { toasts } = useCarillon();
  const [request, setRequest] = useState<MenuRequest | null>(null);

  const remove = (message: Message) => {
    if (!store) return;
    // Others see it go: it is only sent when it can no longer be taken back.
    const handle = store.remove(message.id, { holdFor: UNDO_TIME });
    const run = () => void handle.undo();
    const toast = toasts.show({ text: words.messageDeleted, action: { label: words.undo, run, isUndo: true } });
    const close = () => toasts.dismiss(toast);
    handle.done.then(close, close);
  };
  const copy = (message: Message) => {
    navigator.clipboard?.writeText(message.content).then(
      () => toasts.show({ text: words.copied, time: 2500 }),
      () => undefined,
    );
  };
  const open = (item: MessageItem, anchor: HTMLElement) => {
    const { message, isMine } = item;
    const all: (MenuItem | null)[] = [
      { label: words.react, icon: <ChatIcon name="smile" />, run: () => onPick(message, anchor) },
      { label: words.reply, hint: "r", icon: <ChatIcon name="reply" />, run: () => onReply(message) },
      { label: words.copyWords, icon: <ChatIcon name="copy" />, run: () => copy(message) },
      isMine
        ? { label: words.editMessage, hint: "e", icon: <ChatIcon name="edit" />, run: () => onEdit(message) }
        : null,
      isMine || mayManage ? { label: words.deleteMessage, icon: "trash", run: () => remove(message) } : null,
    ];
    setRequest({ anchor, title: words.messageActions, items: all.filter((one) => one !== null) });
  };
  const close = () => setRequest((now) => (now === request ? null : now));
  return { request, open, close, remove };
}
