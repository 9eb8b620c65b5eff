/** A list of notifications as a pure function of its snapshot and the events after it. */
import { hasReached, positionOf } from "../positions.js";
import type { EventFrame, Inbox, KnownEvent, Notification, Position } from "../protocol.js";
import type { NotificationFilters, NotificationsView } from "../stores/contract.js";
import { belongs } from "./views.js";

/** One page of the REST list. */
export interface NotificationsPage {
  results: readonly Notification[];
  next: string | null;
  inbox: Inbox;
  position: Position;
}

export interface NotificationsState {
  view: NotificationsView;
  filters: NotificationFilters;
  /** What the list shows, number descending. */
  items: readonly Notification[];
  /** Counters of the highest version seen. */
  inbox: Inbox;
  /** Up to where events are contained in this state. */
  position: Position | null;
  /** Cursor of the next older page; null when everything is loaded. */
  next: string | null;
  /** Lowest number that the loaded pages reach down to; 0 when everything is loaded. */
  floor: number;
  /** True when an event changed which items belong here without telling them: fetch the snapshot again. */
  isStale: boolean;
}

export interface ViewOptions {
  view?: NotificationsView;
  filters?: NotificationFilters;
}

export const EMPTY_INBOX: Inbox = { unread: 0, unseen: 0, version: -1, last_number: 0 };

export function emptyState({ view = "inbox", filters = {} }: ViewOptions = {}): NotificationsState {
  const loaded = { items: [], inbox: EMPTY_INBOX, position: null, next: null };
  return { view, filters, ...loaded, floor: 0, isStale: false };
}

/** The state that a snapshot stands for. */
export function fromSnapshot(page: NotificationsPage, options: ViewOptions = {}): NotificationsState {
  const { results, next, inbox, position } = page;
  return { ...emptyState(options), items: results, inbox, position, next, floor: floorOf(page) };
}

/** The state with an older page below it; `events` came while the page was on its way. */
export function appendPage(
  state: NotificationsState,
  page: NotificationsPage,
  events: readonly EventFrame[],
): NotificationsState {
  const below = events.reduce(reduce, fromSnapshot(page, state));
  const known = new Set(state.items.map((item) => item.id));
  const items = [...state.items, ...below.items.filter((item) => !known.has(item.id))];
  items.sort((a, b) => b.number - a.number);
  const inbox = newest(state.inbox, below.inbox);
  return { ...state, items, inbox, next: page.next, floor: below.floor, isStale: state.isStale || below.isStale };
}

/**
 * The state after `event`. An event that the state contains already changes nothing; one of an unknown type only moves
 * the position.
 */
export function reduce(state: NotificationsState, event: EventFrame): NotificationsState {
  const position = positionOf(event);
  if (position !== null && state.position !== null && position.epoch === state.position.epoch) {
    if (hasReached(state.position, position)) return state;
  }
  const next = apply(state, event as KnownEvent);
  return position === null ? next : { ...next, position };
}

function apply(state: NotificationsState, event: KnownEvent): NotificationsState {
  switch (event.type) {
    case "notification.created":
      return counted(place(state, [event.data.notification]), event.data.inbox);
    case "notification.updated":
      return counted(place(state, event.data.notifications), event.data.inbox);
    case "notification.deleted":
      return counted(without(state, new Set(event.data.ids)), event.data.inbox);
    case "notification.all_read":
      return counted(readUpTo(state, event.data.up_to, event.data.read_at), event.data.inbox);
    case "notification.read_restored":
      return counted(restore(state, event.data.up_to, event.data.read_at), event.data.inbox);
    case "notification.all_seen":
      return counted(seenUpTo(state, event.data.up_to), event.data.inbox);
    case "notification.read_cleared":
      return counted(clearUpTo(state, event.data.up_to), event.data.inbox);
    case "inbox.corrected": {
      const next = counted(state, event.data.inbox);
      return event.data.items_changed ? { ...next, isStale: true } : next;
    }
    default:
      return state;
  }
}

/** Puts whole notifications where they now belong, and takes them from where they no longer do. */
export function place(state: NotificationsState, notifications: readonly Notification[]): NotificationsState {
  const ids = new Set(notifications.map((notification) => notification.id));
  const entering = notifications.filter((one) => one.number >= state.floor && belongs(one, state.view, state.filters));
  const staying = state.items.filter((item) => !ids.has(item.id));
  if (entering.length === 0 && staying.length === state.items.length) return state;
  const items = [...staying, ...entering].sort((a, b) => b.number - a.number);
  return { ...state, items };
}

export function without(state: NotificationsState, ids: ReadonlySet<string>): NotificationsState {
  const items = state.items.filter((item) => !ids.has(item.id));
  return items.length === state.items.length ? state : { ...state, items };
}

/** Archived and snoozed notifications stay as they are. */
export function readUpTo(state: NotificationsState, upTo: number, readAt: string): NotificationsState {
  if (state.view !== "inbox") return state;
  return patch(
    state,
    (item) => item.number <= upTo && !item.is_read,
    (item) => ({ ...item, is_read: true, is_seen: true, read_at: readAt }),
  );
}

export function seenUpTo(state: NotificationsState, upTo: number): NotificationsState {
  return patch(
    state,
    (item) => item.number <= upTo && !item.is_seen,
    (item) => ({ ...item, is_seen: true }),
  );
}

export function clearUpTo(state: NotificationsState, upTo: number): NotificationsState {
  const gone = state.items.filter((item) => item.number <= upTo && item.is_read);
  return without(state, new Set(gone.map((item) => item.id)));
}

/** In a list of unread ones the restored items are not there to be changed. */
export function restore(state: NotificationsState, upTo: number, readAt: string): NotificationsState {
  const restored = patch(
    state,
    (item) => item.number <= upTo && item.read_at === readAt,
    (item) => ({ ...item, is_read: false, read_at: null }),
  );
  return state.filters.unread === true ? { ...restored, isStale: true } : restored;
}

/** The counters with the higher version. */
export function newest(one: Inbox, other: Inbox): Inbox {
  return other.version > one.version ? other : one;
}

function patch(
  state: NotificationsState,
  concerns: (item: Notification) => boolean,
  change: (item: Notification) => Notification,
): NotificationsState {
  const changed = state.items.filter(concerns).map(change);
  return changed.length === 0 ? state : place(state, changed);
}

function counted(state: NotificationsState, inbox: Inbox): NotificationsState {
  const kept = newest(state.inbox, inbox);
  return kept === state.inbox ? state : { ...state, inbox: kept };
}

function floorOf(page: NotificationsPage): number {
  return page.next === null ? 0 : (page.results.at(-1)?.number ?? 0);
}
