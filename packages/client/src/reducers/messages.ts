/** A window of a conversation's messages as a pure function of its snapshot and the events after it. */
import { hasReached, positionOf } from "../positions.js";
import type { EventFrame, KnownEvent, Message, Position } from "../protocol.js";

/** One page of the REST history. */
export interface MessagesPage {
  /** Seq ascending. */
  results: readonly Message[];
  has_before: boolean;
  has_after: boolean;
  /** Of the conversation's topic. */
  position: Position;
}

/** A window that grew beyond this lets go of its far end, so that a page open for long stays quick. */
export const MOST_KEPT = 3_000;

export interface MessagesState {
  /** Seq ascending, without gaps. */
  items: readonly Message[];
  hasBefore: boolean;
  hasAfter: boolean;
  /** Highest seq heard of, in the window or not. */
  lastSeq: number;
  /** Up to where events of the conversation's topic are contained in this state. */
  position: Position | null;
  /** True when a message is missing between the window and what came: fetch the snapshot again. */
  isStale: boolean;
}

export const EMPTY: MessagesState = {
  items: [],
  hasBefore: false,
  hasAfter: false,
  lastSeq: 0,
  position: null,
  isStale: false,
};

/** The state that a snapshot stands for. */
export function fromSnapshot({ results, has_before, has_after, position }: MessagesPage): MessagesState {
  const lastSeq = results.at(-1)?.seq ?? 0;
  return { items: results, hasBefore: has_before, hasAfter: has_after, lastSeq, position, isStale: !isWhole(results) };
}

/** The window with the page of earlier messages before it; `events` came while the page was on its way. */
export function prepend(state: MessagesState, page: MessagesPage, events: readonly EventFrame[]): MessagesState {
  const first = state.items[0]?.seq ?? Number.POSITIVE_INFINITY;
  const older = fresh(page, events).items.filter(({ seq }) => seq < first);
  const items = [...older, ...state.items];
  const kept = items.slice(0, MOST_KEPT);
  return {
    ...state,
    items: kept,
    hasBefore: page.has_before,
    hasAfter: state.hasAfter || kept.length < items.length,
    isStale: state.isStale || !isWhole(items),
  };
}

/** The window with the page of later messages after it; `events` came while the page was on its way. */
export function append(state: MessagesState, page: MessagesPage, events: readonly EventFrame[]): MessagesState {
  const last = state.items.at(-1)?.seq ?? 0;
  const items = [...state.items, ...page.results.filter(({ seq }) => seq > last)];
  const longer: MessagesState = {
    items,
    hasBefore: items.length === page.results.length ? page.has_before : state.hasBefore,
    hasAfter: page.has_after,
    lastSeq: Math.max(state.lastSeq, items.at(-1)?.seq ?? 0),
    position: page.position,
    isStale: state.isStale || !isWhole(items),
  };
  const after = events.reduce(reduce, longer);
  const kept = after.items.slice(-MOST_KEPT);
  const hasBefore = after.hasBefore || kept.length < after.items.length;
  return { ...after, items: kept, hasBefore, position: state.position };
}

/** The state after `event`; one that it contains already, or of an unknown type, changes at most the position. */
export function reduce(state: MessagesState, event: EventFrame): MessagesState {
  const position = positionOf(event);
  if (position !== null && hasReached(state.position, position)) return state;
  const next = apply(state, event as KnownEvent);
  return position === null ? next : { ...next, position };
}

function apply(state: MessagesState, event: KnownEvent): MessagesState {
  switch (event.type) {
    case "message.sent":
      return arrived(state, event.data.message);
    case "message.edited":
    case "message.reacted":
      return replace(state, event.data.message);
    case "message.changed":
      return contains(state, event.data) ? { ...state, isStale: true } : state;
    case "message.deleted":
      return unquote(replace(state, event.data.message), event.data.message.id);
    default:
      return state;
  }
}

/** The window with a message in its place; one beyond its end belongs only where the window reaches to the latest. */
export function arrived(state: MessagesState, message: Message): MessagesState {
  const last = state.items.at(-1)?.seq;
  const next = { ...state, lastSeq: Math.max(state.lastSeq, message.seq) };
  if (last !== undefined && message.seq <= last) return replace(next, message);
  if (state.hasAfter) return next;
  const follows = last === undefined ? !state.hasBefore : message.seq === last + 1;
  return follows ? { ...next, items: [...state.items, message] } : { ...next, isStale: true };
}

/** The window with the message's new state, where it contains that message. */
export function replace(state: MessagesState, message: Message): MessagesState {
  const index = indexOf(state.items, message.seq);
  if (state.items[index]?.id !== message.id) return state;
  return { ...state, items: state.items.with(index, message) };
}

function contains({ items }: MessagesState, { message, seq }: { message: number; seq: number }): boolean {
  return items[indexOf(items, seq)]?.id === message;
}

/** The window without the words of a deleted message in those that quote it. */
export function unquote(state: MessagesState, id: number): MessagesState {
  const concerns = ({ reply_to }: Message) => reply_to?.id === id && !reply_to.is_deleted;
  if (!state.items.some(concerns)) return state;
  return { ...state, items: state.items.map((item) => (concerns(item) ? withoutQuoted(item) : item)) };
}

/** What a deleted message is: its place, and nothing of what was said. */
export function tombstone(message: Message, at: string): Message {
  const nothing = { content: "", mentions: [], reply_to: null, reactions: [], edited_at: null };
  return { ...message, ...nothing, deleted_at: at };
}

/** Index of the message with this seq; -1 when the window does not contain it. */
export function indexOf(items: readonly Message[], seq: number): number {
  const index = seq - (items[0]?.seq ?? 0);
  return items[index]?.seq === seq ? index : -1;
}

function withoutQuoted(message: Message): Message {
  if (message.reply_to === null) return message;
  return { ...message, reply_to: { ...message.reply_to, content: "", is_deleted: true } };
}

function fresh(page: MessagesPage, events: readonly EventFrame[]): MessagesState {
  return events.reduce(reduce, fromSnapshot(page));
}

function isWhole(items: readonly Message[]): boolean {
  const [first, last] = [items[0], items.at(-1)];
  return first === undefined || last === undefined || last.seq - first.seq === items.length - 1;
}
