/** The shared list of notifications: what the server confirmed, with the reader's own pending writes over it. */
import type { CarillonClient } from "../api.js";
import { hasReached } from "../positions.js";
import { overlayInbox } from "../reducers/counters.js";
import type { NotificationsState } from "../reducers/notifications.js";
import { overlay, type PendingWrite } from "../reducers/pending.js";
import { NotificationActions } from "./actions.js";
import type {
  Arrival,
  NotificationsQuery,
  NotificationsSnapshot,
  NotificationsStore,
  WriteHandle,
} from "./contract.js";
import { NotificationFeed } from "./feed.js";
import { type PendingWrites, pendingWrites } from "./pending_writes.js";
import { Store } from "./store.js";

/** A page that changes unsubscribes and subscribes within moments; the feed outlives that. */
const LINGER = 10_000;

const shared = new WeakMap<CarillonClient, Map<string, NotificationsStore>>();

/** The store of one query of one client: asked twice, the same one is returned, so that bell and page agree. */
export function createNotificationsStore(client: CarillonClient, query: NotificationsQuery = {}): NotificationsStore {
  const full = complete(query);
  const stores = shared.get(client) ?? new Map<string, NotificationsStore>();
  shared.set(client, stores);
  const key = JSON.stringify([full.view, Object.entries(full.filters).sort(), full.pageSize]);
  const store = stores.get(key) ?? new SharedNotifications(client, full);
  stores.set(key, store);
  return store;
}

class SharedNotifications implements NotificationsStore {
  readonly query: Required<NotificationsQuery>;
  readonly #client: CarillonClient;
  readonly #feed: NotificationFeed;
  readonly #writes: PendingWrites;
  readonly #actions: NotificationActions;
  readonly #shown: Store<NotificationsSnapshot>;
  readonly #arrivals = new Set<(arrival: Arrival) => void>();
  #subscribers = 0;
  #lingerTimer: unknown;

  constructor(client: CarillonClient, query: Required<NotificationsQuery>) {
    this.query = query;
    this.#client = client;
    this.#writes = pendingWrites(client);
    this.#feed = new NotificationFeed(client, query, (arrival) => this.#ring(arrival));
    this.#actions = new NotificationActions(client, () => this.#compose());
    this.#shown = new Store(this.#compose());
    const refresh = () => this.#shown.set(this.#compose());
    this.#feed.state.subscribe(refresh);
    this.#writes.state.subscribe(refresh);
  }

  getSnapshot = (): NotificationsSnapshot => this.#shown.getSnapshot();

  subscribe = (listener: () => void): (() => void) => {
    const end = this.#shown.subscribe(listener);
    this.#subscribers += 1;
    this.#client.clock.clearTimeout(this.#lingerTimer);
    this.#feed.activate();
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      end();
      this.#subscribers -= 1;
      if (this.#subscribers === 0) this.#lingerTimer = this.#client.clock.setTimeout(() => this.#rest(), LINGER);
    };
  };

  load(): Promise<void> {
    return this.#feed.load();
  }

  loadMore(): Promise<void> {
    return this.#feed.loadMore();
  }

  markRead(ids: readonly string[]): WriteHandle {
    return this.#actions.change("read", ids);
  }

  markUnread(ids: readonly string[]): WriteHandle {
    return this.#actions.change("unread", ids);
  }

  markAllRead(): WriteHandle {
    return this.#actions.readAll();
  }

  archive(ids: readonly string[]): WriteHandle {
    return this.#actions.change("archive", ids);
  }

  unarchive(ids: readonly string[]): WriteHandle {
    return this.#actions.change("unarchive", ids);
  }

  snooze(ids: readonly string[], until: Date | string): WriteHandle {
    return this.#actions.change("snooze", ids, { until: typeof until === "string" ? until : until.toISOString() });
  }

  unsnooze(ids: readonly string[]): WriteHandle {
    return this.#actions.change("unsnooze", ids);
  }

  press(id: string, button: string): WriteHandle {
    return this.#actions.change("press", [id], { button });
  }

  remove(ids: readonly string[], options: { holdFor?: number } = {}): WriteHandle {
    return this.#actions.change("delete", ids, options);
  }

  clearRead(options: { holdFor?: number } = {}): WriteHandle {
    return this.#actions.clearRead(options);
  }

  seen(): WriteHandle | null {
    return this.#actions.seen();
  }

  onArrival(listener: (arrival: Arrival) => void): () => void {
    const entry = (arrival: Arrival) => listener(arrival);
    this.#arrivals.add(entry);
    return () => void this.#arrivals.delete(entry);
  }

  dismissFailure(): void {
    this.#writes.dismissFailure();
  }

  #ring(arrival: Arrival): void {
    for (const listener of [...this.#arrivals]) listener(arrival);
  }

  #rest(): void {
    if (this.#subscribers === 0) this.#feed.deactivate();
  }

  #compose(): NotificationsSnapshot {
    const { confirmed, status, error, isLoadingMore } = this.#feed.state.getSnapshot();
    const { writes, waiting, failure } = this.#writes.state.getSnapshot();
    // Another list may still wait for what this one contains already.
    const open = writes.filter((write) => !isContained(write, confirmed));
    return {
      status,
      error,
      items: open.reduce(overlay, confirmed).items,
      inbox: overlayInbox(confirmed.inbox, this.#feed.ledger, open),
      hasMore: confirmed.next !== null,
      isLoadingMore,
      pending: new Set(writes.flatMap((write) => write.ids)),
      waiting: waiting.size,
      failure,
    };
  }
}

/** True for a decided write that `state` is not older than; one that changed nothing has no position. */
function isContained({ position, version }: PendingWrite, state: NotificationsState): boolean {
  if (position !== null) return hasReached(state.position, position);
  return version !== null && state.inbox.version >= version;
}

function complete({ view = "inbox", filters = {}, pageSize = 30 }: NotificationsQuery): Required<NotificationsQuery> {
  return { view, filters, pageSize: Math.min(Math.max(1, pageSize), 100) };
}
