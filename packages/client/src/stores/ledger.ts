/** What one list was told of single notifications, shown in it or not: counters are told ahead of the server from it. */
import type { EventFrame, Inbox, KnownEvent, Notification } from "../protocol.js";
import type { NotificationsState } from "../reducers/notifications.js";
import { viewOf } from "../reducers/views.js";

export class Ledger {
  /** Confirmed states; null for what was deleted. */
  readonly #known = new Map<string, Notification | null>();
  /** Everything counted with a higher number is known. */
  #bound = Number.POSITIVE_INFINITY;
  #version = -1;

  /** Version of the counters that the known states belong to. */
  get version(): number {
    return this.#version;
  }

  /** Begins anew with a snapshot, whose counters had `version`: what it does not show may have changed meanwhile. */
  begin(state: NotificationsState, version: number): void {
    this.#forget();
    this.#version = version;
    // What comes later is told by events, so that even a list with filters knows all of it.
    this.#bound = state.inbox.last_number;
    this.extend(state);
  }

  /** Knows the older pages of `state` too. */
  extend(state: NotificationsState): void {
    this.learn(state.items);
    const isWhole = state.view === "inbox" && Object.values(state.filters).every((wanted) => wanted === undefined);
    if (isWhole) this.#bound = Math.min(this.#bound, Math.max(0, state.floor - 1));
  }

  /** Adds states of the current version; what is known already stays. */
  learn(notifications: readonly Notification[]): void {
    for (const one of notifications) if (!this.#known.has(one.id)) this.#known.set(one.id, one);
  }

  /** Undefined when nothing is known of it, null when it was deleted. */
  find(id: string): Notification | null | undefined {
    return this.#known.get(id);
  }

  /** All that is known and not deleted. */
  all(): Notification[] {
    return [...this.#known.values()].filter((one) => one !== null);
  }

  /** True when everything counted with a number above this one is known. */
  knowsAbove(number: number): boolean {
    return number >= this.#bound;
  }

  /** Call once with each event, in order. */
  observe(event: EventFrame): void {
    this.#apply(event as KnownEvent);
    this.#version = Math.max(this.#version, versionTold(event));
  }

  #forget(): void {
    this.#known.clear();
    this.#bound = Number.POSITIVE_INFINITY;
  }

  #apply(event: KnownEvent): void {
    switch (event.type) {
      case "notification.created":
        this.#known.set(event.data.notification.id, event.data.notification);
        break;
      case "notification.updated":
        for (const one of event.data.notifications) this.#known.set(one.id, one);
        break;
      case "notification.deleted":
        for (const id of event.data.ids) this.#known.set(id, null);
        break;
      case "notification.all_read":
        this.#change(event.data.up_to, (one) => readBy(one, event.data.read_at));
        break;
      case "notification.read_restored":
        this.#change(event.data.up_to, (one) =>
          one.read_at === event.data.read_at ? { ...one, is_read: false, read_at: null } : one,
        );
        break;
      case "notification.all_seen":
        this.#change(event.data.up_to, (one) => (one.is_seen ? one : { ...one, is_seen: true }));
        break;
      case "notification.read_cleared":
        this.#change(event.data.up_to, (one) => (one.is_read ? null : one));
        break;
      case "inbox.corrected":
        if (event.data.items_changed) this.#forget();
        break;
    }
  }

  #change(upTo: number, change: (one: Notification) => Notification | null): void {
    for (const [id, one] of this.#known) if (one !== null && one.number <= upTo) this.#known.set(id, change(one));
  }
}

/** Archived and snoozed notifications stay as they are. */
function readBy(one: Notification, readAt: string): Notification {
  if (one.is_read || viewOf(one) !== "inbox") return one;
  return { ...one, is_read: true, is_seen: true, read_at: readAt };
}

/** Version of the counters that `event` carries; -1 when it carries none. */
export function versionTold({ data }: EventFrame): number {
  const { inbox } = (data ?? {}) as { inbox?: Inbox };
  return inbox?.version ?? -1;
}
