/** What the shared notifications store promises to bell, page and hooks. */
import type { ClientError } from "../errors.js";
import type { Inbox, Notification } from "../protocol.js";
import type { ReadableStore } from "./store.js";

export type NotificationsView = "inbox" | "archive" | "snoozed";

export interface NotificationFilters {
  unread?: boolean;
  type?: string;
  kind?: string;
  severity?: string;
  /** Words looked for in title and message. */
  q?: string;
}

export interface NotificationsQuery {
  view?: NotificationsView;
  filters?: NotificationFilters;
  /** 1 to 100, default 30. */
  pageSize?: number;
}

/** A write that the server refused, after it was shown; the screen has been put back. */
export interface WriteFailure {
  ref: string;
  action: string;
  ids: readonly string[];
  error: ClientError;
}

export interface NotificationsSnapshot {
  status: "idle" | "loading" | "ready" | "error";
  error: ClientError | null;
  /** Number descending, with pending writes already applied. */
  items: readonly Notification[];
  /** Counters, with pending writes already applied. */
  inbox: Inbox;
  hasMore: boolean;
  isLoadingMore: boolean;
  /** Ids with a write under way. */
  pending: ReadonlySet<string>;
  /** Writes that wait for the network. */
  waiting: number;
  /** The last refused write, until the next refusal or `dismissFailure()`. */
  failure: WriteFailure | null;
}

export interface WriteHandle {
  readonly ref: string;
  /** Settles when the server has decided; a rejection is shown in `failure` already, and need not be handled. */
  readonly done: Promise<void>;
  /** Takes it back: cancels what was not sent yet, else writes the opposite. Resolves when settled. */
  undo(): Promise<void>;
  /** False for what cannot be taken back any more (a delete that was sent). */
  readonly canUndo: boolean;
}

export interface Arrival {
  notification: Notification;
  /** True when a fresh snapshot showed it (polling, lost history) rather than an event. */
  isLate: boolean;
}

export interface NotificationsStore extends ReadableStore<NotificationsSnapshot> {
  readonly query: Readonly<Required<NotificationsQuery>>;
  /** Fetches the first page anew; the first subscriber causes it by itself. */
  load(): Promise<void>;
  loadMore(): Promise<void>;
  markRead(ids: readonly string[]): WriteHandle;
  markUnread(ids: readonly string[]): WriteHandle;
  markAllRead(): WriteHandle;
  archive(ids: readonly string[]): WriteHandle;
  unarchive(ids: readonly string[]): WriteHandle;
  snooze(ids: readonly string[], until: Date | string): WriteHandle;
  unsnooze(ids: readonly string[]): WriteHandle;
  /** Presses a button of a notification; where it was pressed elsewhere meanwhile, that is what shows. */
  press(id: string, button: string): WriteHandle;
  /** Deletes for good; with `holdFor` (milliseconds) it is sent after that time, so that it can be undone until then. */
  remove(ids: readonly string[], options?: { holdFor?: number }): WriteHandle;
  clearRead(options?: { holdFor?: number }): WriteHandle;
  /** All that was announced so far has been seen; nothing is sent when nothing is unseen. */
  seen(): WriteHandle | null;
  /** Calls for each notification that should ring. */
  onArrival(listener: (arrival: Arrival) => void): () => void;
  dismissFailure(): void;
}
