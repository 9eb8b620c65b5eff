import type { Draft, Entry, Message, PresenceStatus } from "@carillon/client";
import { type MouseEvent, memo } from "react";
import { fullMoment, rowTime, shortName, titleOf } from "../../chat/format.js";
import { wordsOf } from "../../chat/plain.js";
import { timeOf } from "../../chat/rows.js";
import { systemSentence } from "../../chat/system.js";
import { type ChatWords, useChatWords } from "../../chat/words.js";
import { ChatIcon } from "./ChatIcon.js";
import { ConversationFace } from "./Faces.js";

interface Props {
  entry: Entry;
  me: string | undefined;
  isOpen: boolean;
  draft: Draft | undefined;
  state: PresenceStatus | undefined;
  isMuted: boolean;
  /** Changes with the day, for "yesterday". */
  today: number;
  href: string | undefined;
  onOpen: (id: number) => void;
}

/** The last words of a conversation, as they stand in its line. */
function lastWords(message: Message, entry: Entry, me: string | undefined, words: ChatWords): string {
  if (message.system) return systemSentence(message.system, me, words).text;
  const said = message.deleted_at ? words.deletedMessage : wordsOf(message);
  if (message.sender && message.sender.id === me) return words.said(words.you, said);
  if (entry.conversation.kind === "direct" || !message.sender) return said;
  return words.said(shortName(message.sender), said);
}

function isPlain(event: MouseEvent): boolean {
  return event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
}

/** One line of the list: who, what was said last and when, how many are unread; a draft comes before what was said. */
export const ConversationRow = memo(function ConversationRow(props: Props) {
  const { entry, me, isOpen, draft, state, isMuted, today, href, onOpen } = props;
  const words = useChatWords();
  const { conversation, people, last_message: last, mine } = entry;
  const name = titleOf(conversation, people, words);
  const time = last ? timeOf(last) : Date.parse(conversation.created_at);
  const isUnread = mine.unread > 0;
  const look = {
    className: "carillon-chat-row",
    "data-id": conversation.id,
    "data-unread": isUnread || undefined,
    "aria-current": isOpen ? ("page" as const) : undefined,
  };
  const body = (
    <>
      <ConversationFace conversation={conversation} other={people[0]} state={state} />
      <span className="carillon-chat-row-body">
        <span className="carillon-chat-row-top">
          <span className="carillon-chat-row-name" dir="auto">
            {name}
          </span>
          <time className="carillon-time" dateTime={new Date(time).toISOString()} title={fullMoment(time, words)}>
            {rowTime(time, Math.max(today, Date.now()), words)}
          </time>
        </span>
        <span className="carillon-chat-row-bottom">
          {draft && <span className="carillon-draft">{words.draft}</span>}
          <span className="carillon-chat-row-last" dir="auto">
            {draft ? draft.text : last ? lastWords(last, entry, me, words) : "\u00a0"}
          </span>
          {isMuted && (
            <>
              <ChatIcon name="bellOff" />
              <span className="carillon-visually-hidden">{words.mutedHint}</span>
            </>
          )}
          {isUnread && (
            <span className="carillon-badge" data-quiet={(isMuted && !mine.is_mentioned) || undefined}>
              <span aria-hidden="true">
                {mine.is_mentioned ? "@" : ""}
                {mine.unread > 99 ? "99+" : mine.unread}
              </span>
              <span className="carillon-visually-hidden">
                {words.unreadMessages(mine.unread)}
                {mine.is_mentioned && `, ${words.mentioned}`}
              </span>
            </span>
          )}
        </span>
      </span>
    </>
  );
  return (
    <li className="carillon-chat-row-item carillon-plain">
      {href ? (
        <a
          {...look}
          href={href}
          onClick={(event) => {
            if (!isPlain(event)) return;
            event.preventDefault();
            onOpen(conversation.id);
          }}
        >
          {body}
        </a>
      ) : (
        <button {...look} type="button" onClick={() => onOpen(conversation.id)}>
          {body}
        </button>
      )}
    </li>
  );
});
