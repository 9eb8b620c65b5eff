import type { ConversationSnapshot, MessagesSnapshot } from "@carillon/client";
import { type RefObject, useEffect, useMemo, useRef } from "react";
import { titleOf } from "../../chat/format.js";
import { useChatWords } from "../../chat/words.js";
import { useCarillon } from "../../context.js";
import { useConversationsStore } from "../../hooks/chat/stores.js";
import { useChatFailures } from "../../hooks/chat/useChatFailures.js";
import { useComposing } from "../../hooks/chat/useComposing.js";
import { useConversation } from "../../hooks/chat/useConversation.js";
import { useMe } from "../../hooks/chat/useMe.js";
import { useMessages } from "../../hooks/chat/useMessages.js";
import { useNames } from "../../hooks/chat/useNames.js";
import { Blank } from "../Blank.js";
import { Icon } from "../Icon.js";
import { Composer } from "./Composer.js";
import { ConversationHeader } from "./ConversationHeader.js";
import { MessageList } from "./MessageList.js";
import { ThreadShapes } from "./ThreadShapes.js";
import { TypingLine } from "./TypingLine.js";

interface Props {
  id: number;
  /** Null where there is no list beside or behind the thread. */
  onBack: (() => void) | null;
  onOpen: (id: number) => void;
  onHelp: () => void;
}

const isFinger = () => typeof matchMedia === "function" && matchMedia("(pointer: coarse)").matches;

/** On a desk the field has the focus as soon as there is one: one opens a conversation to write. */
function useOpeningFocus(field: RefObject<HTMLTextAreaElement | null>, isReady: boolean): void {
  useEffect(() => {
    if (isReady && !isFinger()) field.current?.focus({ preventScroll: true });
  }, [field, isReady]);
}

function isGone(conversation: ConversationSnapshot, messages: MessagesSnapshot): boolean {
  return conversation.status === "gone" || messages.status === "gone";
}

/** One conversation: its head, its messages in whatever state they are, who is typing, and the field. */
export function Thread({ id, onBack, onOpen, onHelp }: Props) {
  const words = useChatWords();
  const me = useMe();
  const field = useRef<HTMLTextAreaElement>(null);
  const toEnd = useRef(() => {});
  const { store: conversationStore, ...conversation } = useConversation(id);
  const { store, ...snapshot } = useMessages(id);
  useChatFailures(store, snapshot.failure ?? conversation.failure);
  const names = useNames(conversation.members);
  const others = useMemo(
    () => conversation.members.map(({ person }) => person).filter((person) => person.id !== me?.id),
    [conversation.members, me?.id],
  );
  const composing = useComposing({
    conversation: id,
    conversationStore,
    store,
    snapshot,
    field,
    words,
    onSent: () => toEnd.current(),
  });
  const gone = isGone(conversation, snapshot);
  const isReady = conversation.conversation !== null && !gone;
  useOpeningFocus(field, isReady);
  const leave = () => onBack?.();
  const title = conversation.conversation ? titleOf(conversation.conversation, others.slice(0, 3), words) : "";
  const isGroup = conversation.conversation?.kind !== "direct";
  return (
    <>
      {conversationStore && !gone && (
        <ConversationHeader
          snapshot={conversation}
          store={conversationStore}
          me={me}
          onBack={onBack}
          onOpen={onOpen}
          onLeft={leave}
          onHelp={onHelp}
        />
      )}
      {gone ? (
        <Gone onBack={onBack} />
      ) : snapshot.items.length > 0 ? (
        <MessageList
          snapshot={snapshot}
          store={store}
          conversation={conversation}
          conversationStore={conversationStore}
          me={me}
          names={names}
          onReply={composing.reply}
          onEdit={composing.edit}
          onTakeBack={composing.takeBack}
          onDown={composing.focus}
          onLeave={leave}
          onHelp={onHelp}
          toEnd={toEnd}
        />
      ) : (
        <Empty snapshot={snapshot} title={title} others={others.length} onRetry={() => void store?.load()} />
      )}
      {!gone && <TypingLine people={conversation.typing} />}
      {!gone &&
        (conversation.mine?.blocks && others[0] ? (
          <Closed name={others[0].name} person={others[0].id} />
        ) : (
          <Composer
            title={title}
            text={composing.text}
            onText={composing.write}
            onSend={composing.send}
            context={composing.context}
            people={others}
            hasEverybody={isGroup}
            field={field}
            onTyping={composing.setTyping}
            onEditLast={composing.editLast}
            onLeave={leave}
          />
        ))}
    </>
  );
}

/** Instead of the field, where the reader blocks the other. */
function Closed({ name, person }: { name: string; person: string }) {
  const words = useChatWords();
  const { toasts } = useCarillon();
  const list = useConversationsStore();
  return (
    <p className="carillon-composer-closed" dir="auto">
      {words.youBlock(name)}{" "}
      <button
        type="button"
        className="carillon-link"
        onClick={() => {
          list?.unblock(person);
          toasts.show({ text: words.unblocked(name) });
        }}
      >
        {words.unblock(name)}
      </button>
    </p>
  );
}

function Gone({ onBack }: { onBack: (() => void) | null }) {
  const words = useChatWords();
  return (
    <Blank figure="lock" text={words.goneThread} isAlert>
      {onBack && (
        <button type="button" className="carillon-button" data-kind="outline" onClick={onBack}>
          {words.back}
        </button>
      )}
    </Blank>
  );
}

interface EmptyProps {
  snapshot: MessagesSnapshot;
  title: string;
  others: number;
  onRetry: () => void;
}

/** A thread without messages: not there yet, not to be had, or really empty. */
function Empty({ snapshot, title, others, onRetry }: EmptyProps) {
  const words = useChatWords();
  if (snapshot.error) {
    return (
      <Blank figure="plug" text={words.threadFailed} isAlert>
        <button type="button" className="carillon-button" data-kind="outline" onClick={onRetry}>
          <Icon name="retry" />
          {words.retry}
        </button>
      </Blank>
    );
  }
  if (snapshot.status !== "ready") return <ThreadShapes />;
  return <Blank figure="chat" text={words.emptyThread(title, others)} />;
}
