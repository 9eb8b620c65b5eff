import type { ConversationsSnapshot, ConversationsStore, Entry } from "@carillon/client";
import { type KeyboardEvent, type RefObject, useMemo, useRef, useState } from "react";
import { useChatWords } from "../../chat/words.js";
import { useDraftsStore, useStore } from "../../hooks/chat/stores.js";
import { useConversations } from "../../hooks/chat/useConversations.js";
import { useMe } from "../../hooks/chat/useMe.js";
import { useNow, useToday } from "../../hooks/chat/useNow.js";
import { usePresence } from "../../hooks/chat/usePresence.js";
import { usePaging } from "../../hooks/usePaging.js";
import { useSettled } from "../../hooks/useSettled.js";
import { Blank } from "../Blank.js";
import { Icon } from "../Icon.js";
import { ChatIcon } from "./ChatIcon.js";
import { ConversationRow } from "./ConversationRow.js";
import { NewConversation } from "./NewConversation.js";

export interface ConversationListProps {
  /** The conversation that is open. */
  openId: number | null;
  onOpen: (id: number) => void;
  /** The address of a conversation, where the host has one for each. */
  hrefOf?: ((id: number) => string) | undefined;
  search?: RefObject<HTMLInputElement | null> | undefined;
}

const NO_DRAFTS = new Map();
const NO_ACCESS = new Set([401, 403]);
/** Presence is asked for the people of so many lines at most. */
const WATCHED = 300;
const SHAPES = [1, 2, 3, 5, 1, 2, 3];

function Shapes() {
  const words = useChatWords();
  return (
    <>
      <p className="carillon-visually-hidden" role="status">
        {words.loadingConversations}
      </p>
      <div className="carillon-skeletons" aria-hidden="true">
        {SHAPES.map((width, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the shapes never change their order
          <div className="carillon-chat-row" key={index}>
            <span className="carillon-skeleton" data-shape="face" />
            <span className="carillon-skeleton-lines">
              <span className="carillon-skeleton" data-w={width} />
              <span className="carillon-skeleton" data-shape="excerpt" data-w={index % 2 === 0 ? 2 : 4} />
            </span>
          </div>
        ))}
      </div>
    </>
  );
}

/** The end of the list: older conversations on their way, or a way to ask for them again. */
function More({ snapshot, store }: { snapshot: ConversationsSnapshot; store: ConversationsStore | null }) {
  const words = useChatWords();
  const { hasMore, isLoadingMore, error } = snapshot;
  const more = () => void store?.loadMore();
  const endRef = usePaging(hasMore && !isLoadingMore && !error, more);
  if (!hasMore) return null;
  return (
    <div className="carillon-list-end" ref={endRef} role="status">
      <span>{error ? words.moreFailed : words.loadingMore}</span>
      {error && (
        <button type="button" className="carillon-button" data-kind="quiet" data-size="small" onClick={more}>
          <Icon name="retry" />
          {words.retry}
        </button>
      )}
    </div>
  );
}

/** The other people of direct conversations, for presence. */
function othersOf(items: readonly Entry[]): string[] {
  return items
    .filter(({ conversation }) => conversation.kind === "direct")
    .slice(0, WATCHED)
    .flatMap(({ people }) => people.slice(0, 1).map((person) => person.id));
}

/** Up and down move from line to line, also out of the search field. */
function move(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>(".carillon-chat-row[data-id]")];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const field = event.currentTarget.querySelector<HTMLElement>("input");
  if (at < 0 && document.activeElement !== field) return;
  event.preventDefault();
  (at === 0 && step < 0 ? field : rows[at + step])?.focus();
}

/** All conversations of the reader, live, the latest first; with search, and the way to a new one. */
export function ConversationList({ openId, onOpen, hrefOf, search }: ConversationListProps) {
  const words = useChatWords();
  const own = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState("");
  const [isNew, setNew] = useState(false);
  const q = useSettled(typed.trim(), 250);
  const { store, ...snapshot } = useConversations(q ? { q } : {});
  return (
    <section className="carillon-chat-list" aria-label={words.conversations} onKeyDown={move}>
      <div className="carillon-chat-list-head">
        <div className="carillon-chat-list-bar">
          <h2 className="carillon-chat-title">{words.conversations}</h2>
          <button
            type="button"
            className="carillon-icon-button"
            aria-label={words.newConversation}
            title={words.newConversation}
            onClick={() => setNew(true)}
          >
            <ChatIcon name="edit" />
          </button>
        </div>
        <label className="carillon-search">
          <Icon name="search" />
          <input
            ref={search ?? own}
            className="carillon-input"
            type="search"
            placeholder={words.search}
            aria-label={words.searchConversations}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        </label>
      </div>
      <Lines
        snapshot={snapshot}
        store={store}
        q={q}
        openId={openId}
        onOpen={onOpen}
        hrefOf={hrefOf}
        onNew={() => setNew(true)}
      />
      {isNew && (
        <NewConversation
          onClose={() => setNew(false)}
          onOpen={(id) => {
            setNew(false);
            setTyped("");
            onOpen(id);
          }}
        />
      )}
    </section>
  );
}

interface LinesProps extends Omit<ConversationListProps, "search"> {
  snapshot: ConversationsSnapshot;
  store: ConversationsStore | null;
  q: string;
  onNew: () => void;
}

/** The lines in whatever state the list is in: rows, shapes, empty, failed, or not ours to see. */
function Lines({ snapshot, store, q, openId, onOpen, hrefOf, onNew }: LinesProps) {
  const words = useChatWords();
  const me = useMe()?.id;
  const today = useToday();
  const now = useNow();
  const drafts = useStore(useDraftsStore(), NO_DRAFTS);
  const { items, status, error } = snapshot;
  const others = useMemo(() => othersOf(items), [items]);
  const presence = usePresence({ people: others });
  const hasRows = items.length > 0;
  const isForbidden = NO_ACCESS.has(error?.status ?? 0);
  return (
    <div className="carillon-chat-list-scroll" tabIndex={hasRows ? undefined : 0}>
      {hasRows && (
        // biome-ignore lint/a11y/noRedundantRoles: without a marker Safari takes the role of a list away
        <ul className="carillon-plain" role="list">
          {items.map((entry) => {
            const { conversation, people, mine } = entry;
            const other = conversation.kind === "direct" ? people[0]?.id : undefined;
            const draft = drafts.get(conversation.id);
            return (
              <ConversationRow
                key={conversation.id}
                entry={entry}
                me={me}
                isOpen={conversation.id === openId}
                draft={conversation.id === openId || !draft?.text ? undefined : draft}
                state={other === undefined ? undefined : presence.get(other)?.state}
                isMuted={mine.muted_until !== null && Date.parse(mine.muted_until) > now}
                today={today}
                href={hrefOf?.(conversation.id)}
                onOpen={onOpen}
              />
            );
          })}
        </ul>
      )}
      {hasRows && <More snapshot={snapshot} store={store} />}
      {!hasRows && error && (
        <Blank
          figure={isForbidden ? "lock" : "plug"}
          text={isForbidden ? words.conversationsForbidden : words.conversationsFailed}
          isAlert
        >
          {!isForbidden && (
            <button type="button" className="carillon-button" data-kind="outline" onClick={() => void store?.load()}>
              <Icon name="retry" />
              {words.retry}
            </button>
          )}
        </Blank>
      )}
      {!hasRows && !error && status !== "ready" && <Shapes />}
      {!hasRows && !error && status === "ready" && (
        <Blank figure="chat" text={q ? words.noConversationFor(q) : words.emptyConversations}>
          {!q && (
            <button type="button" className="carillon-button" data-kind="outline" onClick={onNew}>
              {words.newConversation}
            </button>
          )}
        </Blank>
      )}
    </div>
  );
}
