import type { ConversationSnapshot, MessagesSnapshot, Person } from "@carillon/client";
import { type ReactNode, type RefObject, useEffect, useMemo, useRef } from "react";
import { isDeserted, titleOf } from "../../chat/format.js";
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
        <Empty
          snapshot={snapshot}
          title={title}
          others={others.length}
          isWritable={!isAlone(conversation)}
          onRetry={() => void store?.load()}
        />
      )}
      {!gone && <TypingLine people={conversation.typing} />}
      {!gone &&
        (closedField(conversation, others[0]) ?? (
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

/** Whether nobody is left who could read what is written. */
function isAlone({ conversation }: ConversationSnapshot): boolean {
  return conversation !== null && isDeserted(conversation);
}

/** What stands in the place of the field where nothing can be written; null elsewhere. */
function closedField(snapshot: ConversationSnapshot, other: Person | undefined): ReactNode {
  if (isAlone(snapshot)) return <Deserted />;
  return snapshot.mine?.blocks && other ? <Closed name={other.name} person={other.id} /> : null;
}

/** Instead of the field, where the other has no account any more. */
function Deserted() {
  return <p className="carillon-composer-closed">{useChatWords().deserted}</p>;
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
  isWritable: boolean;
  onRetry: () => void;
}

/** A thread without messages: not there yet, not to be had, or really empty. */
function Empty({ snapshot, title, others, isWritable, onRetry }: EmptyProps) {
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
  return <Blank figure="chat" text={isWritable ? words.emptyThread(title, others) : { title, text: words.deserted }} />;
}
