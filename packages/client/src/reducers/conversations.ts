/** A person's list of conversations as a pure function of its snapshot and the events after it. */
import { hasReached, positionOf } from "../positions.js";
import type { Entry, EventFrame, KnownEvent, Mine, Position } from "../protocol.js";

/** One page of the REST list. */
export interface ConversationsPage {
  results: readonly Entry[];
  next: string | null;
  /** Of the reader's own topic. */
  position: Position;
  /** What a badge counts of the whole list, loaded or not; null but on its first page. */
  unread: readonly { conversation: number; unread: number }[] | null;
}

/** What decides whether a conversation counts for the badge. */
export type Counted = Pick<Mine, "unread" | "is_mentioned" | "muted_until">;

/** Where an entry stands in the list. */
interface Place {
  activity: number;
  id: number;
}

export interface ConversationsState {
  /** Words looked for; empty for the whole list. */
  q: string;
  /** Latest activity first. */
  items: readonly Entry[];
  /** Up to where events of the reader's own topic are contained in this state. */
  position: Position | null;
  /** Cursor of the next page; null when everything is loaded. */
  next: string | null;
  /** Down to where the loaded pages reach; null when everything is loaded. */
  floor: Place | null;
  /** What counts for the badge, loaded or not, by conversation; null where only what is loaded is known. */
  counted: ReadonlyMap<number, Counted> | null;
}

export function emptyState(q = ""): ConversationsState {
  return { q, items: [], position: null, next: null, floor: null, counted: null };
}

/** The state that a snapshot stands for. */
export function fromSnapshot({ results, next, position, unread }: ConversationsPage, q = ""): ConversationsState {
  const counted = unread && new Map(unread.map((one) => [one.conversation, countedOf(one.unread)]));
  return { q, items: results, position, next, floor: floorOf(results, next), counted: counted ?? null };
}

/** The state with the next page below it; `events` came while the page was on its way. */
export function appendPage(
  state: ConversationsState,
  page: ConversationsPage,
  events: readonly EventFrame[],
): ConversationsState {
  const below = events.reduce(reduce, fromSnapshot(page, state.q));
  const known = new Set(state.items.map(({ conversation }) => conversation.id));
  const items = [...state.items, ...below.items.filter(({ conversation }) => !known.has(conversation.id))];
  return { ...state, items: items.sort(byActivity), next: below.next, floor: below.floor };
}

/** The state after `event`; one that it contains already, or of an unknown type, changes at most the position. */
export function reduce(state: ConversationsState, event: EventFrame): ConversationsState {
  const position = positionOf(event);
  if (position !== null && hasReached(state.position, position)) return state;
  const next = apply(state, event as KnownEvent);
  return position === null ? next : { ...next, position };
}

/** Conversations with something unread, and the messages in them; muted ones count only when the reader is mentioned. */
export function badgeOf(
  state: ConversationsState,
  items: readonly Entry[],
  now: number,
): { unread: number; unreadMessages: number } {
  const all = new Map(state.counted);
  // Of what is loaded, `items` say what the reader has changed, left and read here.
  for (const { conversation } of state.items) all.delete(conversation.id);
  for (const { conversation, mine } of items) all.set(conversation.id, mine);
  const ringing = [...all.values()].filter((one) => isRinging(one, now));
  return { unread: ringing.length, unreadMessages: ringing.reduce((sum, { unread }) => sum + unread, 0) };
}

/** The list with the entry where it now belongs. */
export function place(state: ConversationsState, entry: Entry): ConversationsState {
  const { id } = entry.conversation;
  const others = state.items.filter(({ conversation }) => conversation.id !== id);
  const isKnown = others.length < state.items.length;
  const isReached = state.floor === null || compare(placeOf(entry), state.floor) <= 0;
  const belongs = isReached && (isKnown || matches(entry, state.q));
  if (!belongs && !isKnown) return state;
  return { ...state, items: belongs ? [...others, entry].sort(byActivity) : others };
}

/** The list with each entry changed; an entry that stays the same object is left alone. */
export function patch(state: ConversationsState, change: (entry: Entry) => Entry): ConversationsState {
  const items = state.items.map(change);
  return items.some((item, index) => item !== state.items[index]) ? { ...state, items } : state;
}

export function without(state: ConversationsState, id: number): ConversationsState {
  const items = state.items.filter(({ conversation }) => conversation.id !== id);
  return items.length === state.items.length ? state : { ...state, items };
}

/** The list with the block of a person shown in their direct conversation. */
export function blocked(state: ConversationsState, person: string, blocks: boolean): ConversationsState {
  return patch(state, (entry) => {
    const isTheirs = entry.conversation.kind === "direct" && entry.people.some(({ id }) => id === person);
    return isTheirs && entry.mine.blocks !== blocks ? { ...entry, mine: { ...entry.mine, blocks } } : entry;
  });
}

function apply(state: ConversationsState, event: KnownEvent): ConversationsState {
  switch (event.type) {
    case "conversation.touched":
      return place(recount(state, event.data.entry), event.data.entry);
    case "conversation.gone":
      return without(uncount(state, event.data.conversation), event.data.conversation);
    case "person.blocked":
      return blocked(state, event.data.person, event.data.is_blocked);
    default:
      return state;
  }
}

function recount(state: ConversationsState, { conversation, mine }: Entry): ConversationsState {
  if (mine.unread === 0) return uncount(state, conversation.id);
  if (state.counted === null) return state;
  const { unread, is_mentioned, muted_until } = mine;
  return { ...state, counted: new Map(state.counted).set(conversation.id, { unread, is_mentioned, muted_until }) };
}

function uncount(state: ConversationsState, id: number): ConversationsState {
  if (!state.counted?.has(id)) return state;
  return { ...state, counted: new Map([...state.counted].filter(([key]) => key !== id)) };
}

/** The server told only those that count. */
function countedOf(unread: number): Counted {
  return { unread, is_mentioned: false, muted_until: null };
}

function isRinging({ unread, is_mentioned, muted_until }: Counted, now: number): boolean {
  const isMuted = muted_until !== null && Date.parse(muted_until) > now;
  return unread > 0 && (!isMuted || is_mentioned);
}

/** What the server looks at; of an entry that it found itself we keep its word. */
function matches({ conversation, people }: Entry, q: string): boolean {
  const words = q.trim().toLowerCase();
  return words === "" || [conversation.title, ...people.map(({ name }) => name)].some((text) => contains(text, words));
}

const contains = (text: string, words: string) => text.toLowerCase().includes(words);

function floorOf(results: readonly Entry[], next: string | null): Place | null {
  const last = results.at(-1);
  return next === null || last === undefined ? null : placeOf(last);
}

function placeOf({ activity, conversation }: Entry): Place {
  return { activity, id: conversation.id };
}

function compare(one: Place, other: Place): number {
  return other.activity - one.activity || other.id - one.id;
}

function byActivity(one: Entry, other: Entry): number {
  return compare(placeOf(one), placeOf(other));
}
