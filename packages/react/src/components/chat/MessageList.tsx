import type {
  ConversationSnapshot,
  ConversationStore,
  Message,
  MessagesSnapshot,
  MessagesStore,
  Person,
} from "@carillon/client";
import { type ReactNode, useCallback, useLayoutEffect, useMemo, useRef, useState } from "react";
import { dayTitle } from "../../chat/format.js";
import { facesAt, guessHeight, NEW_KEY, type ThreadRow, toRows } from "../../chat/rows.js";
import { useChatWords } from "../../chat/words.js";
import { useAnnouncement } from "../../hooks/chat/useAnnouncement.js";
import { useJumps } from "../../hooks/chat/useJumps.js";
import { useMessageHandlers } from "../../hooks/chat/useMessageHandlers.js";
import { useMessageKeys } from "../../hooks/chat/useMessageKeys.js";
import { useToday } from "../../hooks/chat/useNow.js";
import { useReading } from "../../hooks/chat/useReading.js";
import { useVirtual, type View } from "../../hooks/chat/useVirtual.js";
import { Icon } from "../Icon.js";
import { Menu } from "../Menu.js";
import { Emojis } from "./Emojis.js";
import { JumpButtons } from "./JumpButtons.js";
import { MessageRow, SystemRow } from "./MessageRow.js";

export interface MessageListProps {
  snapshot: MessagesSnapshot;
  store: MessagesStore | null;
  conversation: ConversationSnapshot;
  conversationStore: ConversationStore | null;
  me: Person | null;
  names: ReadonlyMap<string, string>;
  onReply: (message: Message) => void;
  onEdit: (message: Message) => void;
  /** Gives words of an unsent message back to the composer. */
  onTakeBack: (words: string) => void;
  /** Leaves the thread downwards, to the composer. */
  onDown: () => void;
  onLeave: () => void;
  onHelp: () => void;
  /** Filled with the way to the end, for who has just sent something. */
  toEnd: { current: () => void };
}

/** True for who may delete what others wrote. */
function isManager({ conversation, mine }: ConversationSnapshot): boolean {
  return mine !== null && mine.role !== "member" && conversation?.kind !== "direct";
}

/** So near an end, in pixels, more is fetched. */
const NEAR = 1600;

/** The messages of a conversation: as many as there are, of which those near the view are drawn. */
export function MessageList(props: MessageListProps) {
  const { snapshot, store, conversation, conversationStore, me, names } = props;
  const words = useChatWords();
  const today = useToday();
  const scroller = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLOListElement>(null);
  const { items, divider, readers, hasBefore, hasAfter, lastSeq } = snapshot;
  const missing = hasAfter ? Math.max(0, lastSeq - (items.at(-1)?.message.seq ?? lastSeq)) : 0;
  const rows = useMemo(() => toRows(items, divider, missing), [items, divider, missing]);
  const newAt = useMemo(() => rows.findIndex((row) => row.key === NEW_KEY), [rows]);
  const [view, setView] = useState<Pick<View, "isAtEnd"> & { isNewAbove: boolean }>({
    isAtEnd: true,
    isNewAbove: false,
  });
  const onRead = useReading(conversationStore, store);
  const announcement = useAnnouncement(snapshot, me?.id);

  const onView = useCallback(
    ({ first, last, isAtEnd, above, below }: View) => {
      if (hasBefore && above < NEAR && !snapshot.isLoadingBefore && !snapshot.error) void store?.loadBefore();
      if (hasAfter && below < NEAR && !snapshot.isLoadingAfter && !snapshot.error) void store?.loadAfter();
      const seq = lastSeqIn(rows, last);
      if (seq > 0) onRead(seq);
      const isNewAbove = newAt >= 0 && newAt < first;
      setView((now) => (now.isAtEnd === isAtEnd && now.isNewAbove === isNewAbove ? now : { isAtEnd, isNewAbove }));
    },
    [
      rows,
      newAt,
      hasBefore,
      hasAfter,
      snapshot.isLoadingBefore,
      snapshot.isLoadingAfter,
      snapshot.error,
      store,
      onRead,
    ],
  );
  const virtual = useVirtual<ThreadRow>({
    rows,
    firstKey: divider === null ? null : NEW_KEY,
    isEnd: !hasAfter,
    guess: guessHeight,
    scroller,
    list,
    onView,
  });
  const jumps = useJumps({ virtual, store, rows, hasAfter });
  const { toEnd } = props;
  useLayoutEffect(() => {
    toEnd.current = jumps.toLatest;
  }, [toEnd, jumps.toLatest]);
  const model = useMessageHandlers({
    ...props,
    mayManage: isManager(conversation),
    onQuoted: jumps.toSeq,
  });
  const onKeyDown = useMessageKeys({ ...props, list, model, rows });

  const render = (row: ThreadRow): ReactNode => {
    if (row.kind === "day" || row.kind === "new") {
      return (
        <li
          key={row.key}
          data-key={row.key}
          className="carillon-plain carillon-day"
          data-new={row.kind === "new" || undefined}
        >
          <span>{row.kind === "new" ? words.newMessages(row.count) : dayTitle(row.time, today, words)}</span>
        </li>
      );
    }
    if (row.kind === "system") return <SystemRow key={row.key} item={row.item} me={me?.id} />;
    return (
      <MessageRow
        key={row.key}
        item={row.item}
        isGrouped={row.isGrouped}
        isLast={row.isLast}
        faces={facesAt(readers, row.item.message)}
        isCurrent={row.key === model.currentKey}
        isActive={row.key === model.activeKey}
        isFlashing={row.key === jumps.flashing}
        me={me?.id}
        names={names}
        handlers={model.handlers}
      />
    );
  };
  return (
    <div className="carillon-thread-box">
      <div
        ref={scroller}
        className="carillon-thread-scroll"
        role="log"
        aria-live="off"
        aria-label={words.thread}
        aria-busy={snapshot.isJumping || undefined}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <div className="carillon-thread">
          <Edge isThere={hasBefore} snapshot={snapshot} onMore={() => void store?.loadBefore()} />
          {!hasBefore && items.length > 0 && <p className="carillon-plain carillon-thread-start">{words.beginning}</p>}
          <div style={{ blockSize: virtual.before }} />
          <ol ref={list} className="carillon-plain" aria-label={words.messages}>
            {rows.slice(virtual.start, virtual.end).map(render)}
          </ol>
          <div style={{ blockSize: virtual.after }} />
          <Edge isThere={hasAfter} snapshot={snapshot} onMore={() => void store?.loadAfter()} />
        </div>
      </div>
      <JumpButtons
        isAtEnd={view.isAtEnd && !hasAfter}
        unread={snapshot.unread}
        newAbove={view.isNewAbove ? newCount(rows[newAt]) : 0}
        onFirstNew={() => virtual.toKey(NEW_KEY)}
        onLatest={jumps.toLatest}
      />
      <p className="carillon-visually-hidden" aria-live="polite">
        {announcement}
      </p>
      {model.menu.request && <Menu request={model.menu.request} onClose={model.menu.close} />}
      <Emojis request={model.picking} onClose={model.endPicking} />
    </div>
  );
}

/** Where more is on its way, or could not be had: always as high, so that nothing moves. */
function Edge({ isThere, snapshot, onMore }: { isThere: boolean; snapshot: MessagesSnapshot; onMore: () => void }) {
  const words = useChatWords();
  if (!isThere) return null;
  return (
    <div className="carillon-thread-wait">
      <span>{snapshot.error ? words.moreFailed : words.loadingMore}</span>
      {snapshot.error && (
        <button type="button" className="carillon-button" data-kind="quiet" data-size="small" onClick={onMore}>
          <Icon name="retry" />
          {words.retry}
        </button>
      )}
    </div>
  );
}

function lastSeqIn(rows: readonly ThreadRow[], last: number): number {
  for (let index = Math.min(last, rows.length - 1); index >= 0; index -= 1) {
    const row = rows[index];
    if (row && (row.kind === "message" || row.kind === "system") && row.item.message.seq > 0)
      return row.item.message.seq;
  }
  return 0;
}

function newCount(row: ThreadRow | undefined): number {
  return row?.kind === "new" ? row.count : 0;
}
