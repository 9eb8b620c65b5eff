import type { Member, Message, MessageItem, Quote as QuoteData } from "@carillon/client";
import { plainText } from "@carillon/client";
import { shortName } from "../../chat/format.js";
import { refusalText } from "../../chat/refusals.js";
import { useChatWords } from "../../chat/words.js";
import { useLate } from "../../hooks/chat/useLate.js";
import { Avatar } from "../Face.js";
import { Icon } from "../Icon.js";
import { ChatIcon } from "./ChatIcon.js";
import type { MessageHandlers } from "./MessageRow.js";

const MOST_FACES = 6;
const MOST_NAMES = 12;
/** A message that goes within this time says nothing about it. */
const WAITING_AFTER = 700;

/** The message that is answered; pressing it goes there. */
export function Quote({ quote, onOpen }: { quote: QuoteData; onOpen: (seq: number) => void }) {
  const words = useChatWords();
  return (
    <button type="button" className="carillon-quote" onClick={() => onOpen(quote.seq)}>
      <span className="carillon-quote-name" dir="auto">
        {quote.sender?.name ?? words.someone}
      </span>
      <span className="carillon-quote-text" dir="auto" data-deleted={quote.is_deleted || undefined}>
        {quote.is_deleted ? words.deletedMessage : plainText(quote.content) || words.olderMessage}
      </span>
    </button>
  );
}

interface ReactionsProps {
  message: Message;
  me: string | undefined;
  names: ReadonlyMap<string, string>;
  isCurrent: boolean;
  handlers: MessageHandlers;
}

/** The reactions below a message, each with its people in the tooltip and in its name; pressing adds or takes back one's own. */
export function Reactions({ message, me, names, isCurrent, handlers }: ReactionsProps) {
  const words = useChatWords();
  if (message.reactions.length === 0) return null;
  return (
    <div className="carillon-reactions">
      {message.reactions.map(({ emoji, count, people }) => {
        const isMine = me !== undefined && people.includes(me);
        const known = people.filter((id) => id !== me && names.has(id)).map((id) => names.get(id) as string);
        const shown = [...(isMine ? [words.you] : []), ...known].slice(0, MOST_NAMES);
        const label = words.reaction(emoji, count, shown);
        return (
          <button
            key={emoji}
            type="button"
            className="carillon-reaction"
            aria-pressed={isMine}
            aria-label={label}
            title={label}
            tabIndex={isCurrent ? 0 : -1}
            onClick={() => handlers.react(message, emoji, !isMine)}
          >
            <span aria-hidden="true">{emoji}</span>
            <span>{count}</span>
          </button>
        );
      })}
    </div>
  );
}

/** Who has read just so far, as small faces; told in words too. */
export function Receipts({ members }: { members: readonly Member[] }) {
  const words = useChatWords();
  const shown = members.slice(0, MOST_FACES);
  const names = members.slice(0, MOST_NAMES).map(({ person }) => person.name);
  const label = words.readBy(names, members.length - names.length);
  return (
    <span className="carillon-receipts" title={label}>
      <span className="carillon-visually-hidden">{label}</span>
      {shown.map(({ person }) => (
        <Avatar key={person.id} person={person} size="tiny" />
      ))}
      {members.length > shown.length && <span aria-hidden="true">+{members.length - shown.length}</span>}
    </span>
  );
}

/** What there is to say about the sending of a message; nothing while all goes well. */
export function Delivery({ item, handlers }: { item: MessageItem; handlers: MessageHandlers }) {
  const words = useChatWords();
  const { delivery, failure, message } = item;
  const isLate = useLate(delivery === "pending", WAITING_AFTER);
  if (delivery === "failed") {
    return (
      <p className="carillon-message-foot" data-tone="danger" role="alert">
        <Icon name="alert" />
        <span dir="auto">{words.notSent(failure ? refusalText(failure, words, words.notSentFor) : "")}</span>
        <button type="button" className="carillon-link" onClick={() => handlers.retry(item)}>
          {words.retry}
        </button>
        <button type="button" className="carillon-link" onClick={() => handlers.discard(item)}>
          {words.discard}
        </button>
      </p>
    );
  }
  if (delivery === "pending" && isLate) {
    return (
      <p className="carillon-message-foot">
        <ChatIcon name="clock" />
        <span>{words.waiting}</span>
        <button type="button" className="carillon-link" onClick={() => handlers.discard(item)}>
          {words.discard}
        </button>
      </p>
    );
  }
  if (!message.edited_at || message.deleted_at) return null;
  return <p className="carillon-message-foot">{words.edited}</p>;
}

/** What an author is called where the name is not shown. */
export function authorOf(item: MessageItem, you: string, someone: string): string {
  return item.isMine ? you : item.message.sender ? shortName(item.message.sender) : someone;
}
