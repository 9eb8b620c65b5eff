import type { Member, Message, MessageItem } from "@carillon/client";
import { type FocusEvent, memo, type PointerEvent } from "react";
import { clockTime, fullMoment } from "../../chat/format.js";
import { nodesOf } from "../../chat/plain.js";
import { isEmojiAlone } from "../../chat/quick.js";
import { timeOf } from "../../chat/rows.js";
import { piecesOf, systemSentence } from "../../chat/system.js";
import { useChatWords } from "../../chat/words.js";
import { Avatar } from "../Face.js";
import { Icon } from "../Icon.js";
import { ChatIcon } from "./ChatIcon.js";
import { Markdown } from "./Markdown.js";
import { authorOf, Delivery, Quote, Reactions, Receipts } from "./MessageParts.js";

/** What a row may cause; the same object for the life of a thread. */
export interface MessageHandlers {
  readonly activate: (key: string | null) => void;
  readonly focus: (key: string) => void;
  readonly reply: (message: Message) => void;
  readonly pick: (message: Message, anchor: HTMLElement) => void;
  readonly more: (item: MessageItem, anchor: HTMLElement) => void;
  readonly react: (message: Message, emoji: string, isOn: boolean) => void;
  readonly retry: (item: MessageItem) => void;
  readonly discard: (item: MessageItem) => void;
  readonly openQuoted: (seq: number) => void;
}

interface Props {
  item: MessageItem;
  isGrouped: boolean;
  isLast: boolean;
  faces: readonly Member[] | undefined;
  /** The one that the keyboard is at. */
  isCurrent: boolean;
  /** Pointed at, or with the focus inside. */
  isActive: boolean;
  isFlashing: boolean;
  me: string | undefined;
  names: ReadonlyMap<string, string>;
  handlers: MessageHandlers;
}

const sameFaces = (one: readonly Member[] = [], other: readonly Member[] = []) =>
  one.length === other.length && one.every(({ person }, index) => person.id === other[index]?.person.id);

function sameProps(one: Props, other: Props): boolean {
  const { faces, ...rest } = one;
  return (
    sameFaces(faces, other.faces) &&
    (Object.keys(rest) as (keyof typeof rest)[]).every((name) => Object.is(one[name], other[name]))
  );
}

function stateOf({ message, delivery }: MessageItem): string | undefined {
  if (message.deleted_at) return "deleted";
  return delivery === "sent" || delivery === "sending" ? undefined : delivery;
}

/** The quick actions over the corner, and the one button that has them all. */
function Tools({ item, isActive, isCurrent, handlers }: Pick<Props, "item" | "isActive" | "isCurrent" | "handlers">) {
  const words = useChatWords();
  const { message } = item;
  const tabIndex = isCurrent ? 0 : -1;
  const quick = [
    ["smile", words.react, (anchor: HTMLElement) => handlers.pick(message, anchor)],
    ["reply", words.withKey(words.reply, "r"), () => handlers.reply(message)],
  ] as const;
  return (
    <div className="carillon-message-tools" data-shown={isActive || undefined}>
      {isActive &&
        quick.map(([icon, label, run]) => (
          <button
            key={icon}
            type="button"
            className="carillon-icon-button carillon-message-quick"
            data-size="small"
            aria-label={label}
            title={label}
            tabIndex={tabIndex}
            onClick={(event) => run(event.currentTarget)}
          >
            <ChatIcon name={icon} />
          </button>
        ))}
      <button
        type="button"
        className="carillon-icon-button"
        data-size="small"
        aria-label={words.messageActions}
        title={words.more}
        aria-haspopup="menu"
        tabIndex={tabIndex}
        onClick={(event) => handlers.more(item, event.currentTarget)}
      >
        <Icon name="more" />
      </button>
    </div>
  );
}

/** Who wrote, and when: seen over the first of a group, heard before each. */
function Author({ item, isGrouped }: Pick<Props, "item" | "isGrouped">) {
  const words = useChatWords();
  const { message, isMine } = item;
  const time = timeOf(message);
  if (isGrouped) {
    return (
      <span className="carillon-visually-hidden">
        {authorOf(item, words.you, words.someone)}, {clockTime(time, words)}
      </span>
    );
  }
  return (
    <p className="carillon-message-author">
      <span className={isMine ? "carillon-visually-hidden" : "carillon-message-name"} dir="auto">
        {isMine ? words.you : (message.sender?.name ?? words.someone)}
      </span>
      <time className="carillon-time" dateTime={message.created_at} title={fullMoment(time, words)}>
        {clockTime(time, words)}
      </time>
    </p>
  );
}

/** What was said, with what it answers. */
function Bubble({ item, isGrouped, handlers }: Pick<Props, "item" | "isGrouped" | "handlers">) {
  const words = useChatWords();
  const { message } = item;
  const title = isGrouped ? fullMoment(timeOf(message), words) : undefined;
  if (message.deleted_at !== null) return <div className="carillon-bubble">{words.deletedMessage}</div>;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a finger's way to the menu; the keyboard has the button in the tools
    // biome-ignore lint/a11y/noStaticElementInteractions: as above
    <div
      className="carillon-bubble"
      title={title}
      onClick={(event) => {
        const isTouch = (event.nativeEvent as globalThis.PointerEvent).pointerType === "touch";
        const isPressed = (event.target as Element).closest("a, button") !== null;
        if (isTouch && !isPressed && message.id !== 0) handlers.more(item, event.currentTarget);
      }}
    >
      {message.reply_to && <Quote quote={message.reply_to} onOpen={handlers.openQuoted} />}
      <Markdown nodes={nodesOf(message)} />
    </div>
  );
}

/** What an element needs, for a message to be found, painted and reached. */
function looksOf({ item, isGrouped, isCurrent, isFlashing }: Props) {
  const { message, isMine, key } = item;
  const isLarge = !message.deleted_at && !message.reply_to && isEmojiAlone(message.content);
  return {
    "data-key": key,
    "data-seq": message.seq || undefined,
    "data-mine": isMine || undefined,
    "data-grouped": isGrouped || undefined,
    "data-state": stateOf(item),
    "data-flash": isFlashing || undefined,
    "data-emoji": isLarge || undefined,
    tabIndex: isCurrent ? 0 : -1,
  };
}

/** One message of a thread. */
export const MessageRow = memo(function MessageRow(props: Props) {
  const { item, isGrouped, isLast, faces, isCurrent, isActive, me, names, handlers } = props;
  const { message, isMine, key } = item;
  const mayAct = message.id !== 0 && message.deleted_at === null;
  // Where the keyboard is, the actions stay when the pointer goes.
  const point = (at: string | null) => (event: PointerEvent) => {
    const isHeld = at === null && event.currentTarget.contains(document.activeElement);
    if (event.pointerType === "mouse" && !isHeld) handlers.activate(at);
  };
  return (
    <li
      className="carillon-message carillon-plain"
      {...looksOf(props)}
      onPointerEnter={point(key)}
      onPointerLeave={point(null)}
      onFocus={() => handlers.focus(key)}
      onBlur={(event: FocusEvent<HTMLElement>) => {
        if (!event.currentTarget.contains(event.relatedTarget)) handlers.activate(null);
      }}
    >
      {isLast && !isMine && message.sender && <Avatar person={message.sender} />}
      <div className="carillon-message-main">
        <Author item={item} isGrouped={isGrouped} />
        <Bubble item={item} isGrouped={isGrouped} handlers={handlers} />
        <Delivery item={item} handlers={handlers} />
        <Reactions message={message} me={me} names={names} isCurrent={isCurrent} handlers={handlers} />
      </div>
      {faces && faces.length > 0 && <Receipts members={faces} />}
      {mayAct && <Tools item={item} isActive={isActive} isCurrent={isCurrent} handlers={handlers} />}
    </li>
  );
}, sameProps);

/** What happened, where nobody wrote: one centred line. */
export const SystemRow = memo(function SystemRow({ item, me }: { item: MessageItem; me: string | undefined }) {
  const words = useChatWords();
  const { system } = item.message;
  if (!system) return <li className="carillon-plain" data-key={item.key} />;
  const { text, names } = systemSentence(system, me, words);
  const sentence = words.at(text, clockTime(timeOf(item.message), words));
  return (
    <li className="carillon-plain carillon-system" data-key={item.key}>
      {piecesOf(sentence, names).map(({ text: piece, isName }, index) =>
        isName ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: a sentence never changes its order
          <bdi key={index} className="carillon-name">
            {piece}
          </bdi>
        ) : (
          piece
        ),
      )}
    </li>
  );
});
