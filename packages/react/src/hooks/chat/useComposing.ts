import type { ConversationStore, Message, MessageItem, MessagesSnapshot, MessagesStore } from "@carillon/client";
import { plainText } from "@carillon/client";
import { type RefObject, useCallback, useState } from "react";
import { wordsOf } from "../../chat/plain.js";
import { messageOf, quoteOf } from "../../chat/quotes.js";
import type { ChatWords } from "../../chat/words.js";
import type { ComposerContext } from "../../components/chat/Composer.js";
import { useDraft } from "./useDraft.js";

interface Options {
  conversation: number;
  conversationStore: ConversationStore | null;
  store: MessagesStore | null;
  snapshot: MessagesSnapshot;
  field: RefObject<HTMLTextAreaElement | null>;
  words: ChatWords;
  /** After something was sent. */
  onSent: () => void;
}

interface Editing {
  readonly message: Message;
  readonly text: string;
}

const isOwn = ({ isMine, message }: MessageItem) => isMine && message.kind === "text" && !message.deleted_at;

/** What is written in a conversation: a draft, an answer, or the change of a message; and what becomes of it. */
export function useComposing({ conversation, conversationStore, store, snapshot, field, words, onSent }: Options) {
  const draft = useDraft(conversation);
  const [editing, setEditing] = useState<Editing | null>(null);
  const focus = useCallback(() => field.current?.focus({ preventScroll: true }), [field]);
  const { setReply, setText } = draft;

  const reply = useCallback(
    (message: Message) => {
      setEditing(null);
      setReply(quoteOf(message));
      focus();
    },
    [setReply, focus],
  );
  const edit = useCallback(
    (message: Message) => {
      setEditing({ message, text: message.content });
      focus();
    },
    [focus],
  );
  const editLast = () => {
    const last = snapshot.items.findLast(isOwn);
    // The last one may still be on its way: nobody means the one before it.
    if (last && last.message.id !== 0) edit(last.message);
  };
  const takeBack = useCallback(
    (text: string) => {
      setText(text);
      focus();
    },
    [setText, focus],
  );
  const stopEditing = () => {
    setEditing(null);
    focus();
  };
  const send = () => {
    if (editing) {
      const text = editing.text.trim();
      if (text !== editing.message.content) store?.edit(editing.message.id, text);
      stopEditing();
      return;
    }
    const { replyTo } = draft;
    const known = replyTo && snapshot.items.find(({ message }) => message.id === replyTo.id)?.message;
    const sent = store?.send(draft.text, { replyTo: known ?? (replyTo ? messageOf(replyTo, conversation) : null) });
    if (!sent) return;
    draft.clear();
    onSent();
  };
  const contextOf = (): ComposerContext | null => {
    if (editing) {
      const said = wordsOf(editing.message);
      return { kind: "edit", name: "", words: said, onEnd: stopEditing };
    }
    if (!draft.replyTo) return null;
    const { sender, content } = draft.replyTo;
    const onEnd = () => {
      setReply(null);
      focus();
    };
    return { kind: "reply", name: sender?.name ?? words.someone, words: plainText(content), onEnd };
  };
  const write = (text: string) => {
    if (editing) setEditing({ ...editing, text });
    else setText(text);
  };
  return {
    text: editing ? editing.text : draft.text,
    write,
    send,
    context: contextOf(),
    reply,
    edit,
    editLast,
    takeBack,
    focus,
    // Who changes an old message is not writing a new one.
    setTyping: (isTyping: boolean) => {
      if (!editing) conversationStore?.setTyping(isTyping);
    },
  };
}
