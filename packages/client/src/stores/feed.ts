/** The confirmed list of one query: snapshot, older pages, events, and polling while there is no socket. */
import type { CarillonClient, Follow } from "../api.js";
import { asClientError, type ClientError } from "../errors.js";
import { hasReached } from "../positions.js";
import type { EventFrame, Notification, NotificationCreated, Position } from "../protocol.js";
import {
  appendPage,
  emptyState,
  fromSnapshot,
  type NotificationsPage,
  type NotificationsState,
  newest,
  reduce,
} from "../reducers/notifications.js";
import { OWN_TOPIC } from "../topics.js";
import type { Arrival, NotificationsQuery, NotificationsSnapshot } from "./contract.js";
import { Ledger, versionTold } from "./ledger.js";
import { type Participant, type PendingWrites, pendingWrites } from "./pending_writes.js";
import { Poller } from "./poller.js";
import { batch, Store } from "./store.js";

const LONGEST_PAGE = 100;
const RELOAD_AFTER = 5_000;

export interface FeedState {
  confirmed: NotificationsState;
  status: NotificationsSnapshot["status"];
  error: ClientError | null;
  isLoadingMore: boolean;
}

export class NotificationFeed implements Participant {
  readonly state: Store<FeedState>;
  readonly ledger = new Ledger();
  readonly #client: CarillonClient;
  readonly #query: Required<NotificationsQuery>;
  readonly #writes: PendingWrites;
  readonly #onArrival: (arrival: Arrival) => void;
  readonly #poller: Poller;
  #follow: Follow | null = null;
  #isSuspended = false;
  #isActive = false;
  #loading: Promise<void> | null = null;
  #reloadTimer: unknown;
  #ends: (() => void)[] = [];
  #person: string | null = null;
  /** Events since the oldest request under way, to be applied to its answer. */
  #recent: EventFrame[] = [];
  #requests = 0;
  /** Changes with each reset, so that a late answer for another person is thrown away. */
  #round = 0;

  constructor(client: CarillonClient, query: Required<NotificationsQuery>, onArrival: (arrival: Arrival) => void) {
    this.#client = client;
    this.#query = query;
    this.#onArrival = onArrival;
    this.#writes = pendingWrites(client);
    this.state = new Store<FeedState>(this.#initial());
    this.#poller = new Poller(client, () => this.#reload());
  }

  get position(): Position | null {
    return this.state.getSnapshot().confirmed.position;
  }

  get version(): number {
    return this.state.getSnapshot().confirmed.inbox.version;
  }

  get isLive(): boolean {
    const isOpen = this.#client.connection.state.getSnapshot().status === "open";
    return isOpen && this.#follow !== null && !this.#isSuspended;
  }

  activate(): void {
    if (this.#isActive) return;
    this.#isActive = true;
    this.#ends = [
      this.#writes.join(this),
      this.#client.session.state.subscribe(() => this.#watchPerson()),
      this.#client.connection.state.subscribe(() => this.#watchConnection()),
    ];
    this.#poller.start();
    this.#watchPerson();
    // What was loaded in an earlier life has missed events since.
    if (this.state.getSnapshot().status === "ready") this.#reload();
  }

  deactivate(): void {
    this.#isActive = false;
    for (const end of this.#ends) end();
    this.#ends = [];
    this.#poller.stop();
    this.#client.clock.clearTimeout(this.#reloadTimer);
    this.#follow?.stop();
    this.#follow = null;
    this.#isSuspended = false;
  }

  /** Fetches the list anew, at its current length; rejects never, the state tells. */
  load(): Promise<void> {
    if (this.state.getSnapshot().status !== "ready") this.state.update({ status: "loading", error: null });
    return this.#reload();
  }

  async loadMore(): Promise<void> {
    const { confirmed, isLoadingMore, status } = this.state.getSnapshot();
    if (status !== "ready" || isLoadingMore || confirmed.next === null || this.#loading !== null) return;
    const round = this.#round;
    this.state.update({ isLoadingMore: true, error: null });
    try {
      await this.#recording(async () => {
        // Who reads on for so long reads on.
        const limit = confirmed.items.length < LONGEST_PAGE ? this.#query.pageSize : LONGEST_PAGE;
        const page = await this.#fetch(confirmed.next, limit);
        const { confirmed: current } = this.state.getSnapshot();
        // A reload in between has other pages and another cursor.
        if (round !== this.#round || current.next !== confirmed.next) return;
        const longer = appendPage(current, page, this.#recent);
        this.ledger.extend(longer);
        this.state.update({ confirmed: longer });
      });
    } catch (thrown) {
      if (round === this.#round) this.state.update({ error: asClientError(thrown) });
    } finally {
      if (round === this.#round) this.state.update({ isLoadingMore: false });
    }
  }

  /** What is under way may have been asked before the write, so that it takes a second request. */
  async refresh(position: Position | null): Promise<void> {
    const round = this.#round;
    await this.#loading;
    const isNeeded = position === null || !hasReached(this.position, position);
    if (isNeeded && round === this.#round) await this.#reload();
  }

  #initial(): FeedState {
    return { confirmed: emptyState(this.#query), status: "idle", error: null, isLoadingMore: false };
  }

  #reload(): Promise<void> {
    this.#client.clock.clearTimeout(this.#reloadTimer);
    this.#loading ??= this.#fetchAll().finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  async #fetchAll(): Promise<void> {
    const round = this.#round;
    try {
      await this.#recording(async () => {
        const loaded = await this.#fetchLoaded();
        if (round === this.#round) this.#replace(...loaded);
      });
      // An event during the request may have asked for another one.
      if (this.#isActive && this.state.getSnapshot().confirmed.isStale) queueMicrotask(() => void this.#reload());
    } catch (thrown) {
      if (round === this.#round) this.#failed(asClientError(thrown));
    }
  }

  /** As many pages as are loaded now, so that a reader far down keeps the place; and the counters' version at the first. */
  async #fetchLoaded(): Promise<[NotificationsState, number]> {
    const wanted = Math.max(this.#query.pageSize, this.state.getSnapshot().confirmed.items.length);
    const first = await this.#fetch(null, Math.min(wanted, LONGEST_PAGE));
    let state = this.#recent.reduce(reduce, fromSnapshot(first, this.#query));
    while (state.next !== null && state.items.length < wanted) {
      const page = await this.#fetch(state.next, LONGEST_PAGE);
      state = appendPage(this.#recent.reduce(reduce, state), page, this.#recent);
    }
    return [this.#recent.reduce(reduce, state), first.inbox.version];
  }

  #fetch(cursor: string | null, limit: number): Promise<NotificationsPage> {
    const { view, filters } = this.#query;
    return this.#client.rest.get("/notifications/", { query: { view, ...filters, cursor, limit } });
  }

  async #recording(work: () => Promise<void>): Promise<void> {
    this.#requests += 1;
    try {
      await work();
    } finally {
      this.#requests -= 1;
      if (this.#requests === 0) this.#recent = [];
    }
  }

  #replace(loaded: NotificationsState, version: number): void {
    const before = this.state.getSnapshot();
    const inbox = newest(loaded.inbox, before.confirmed.inbox);
    batch(() => {
      this.ledger.begin(loaded, Math.max(version, ...this.#recent.map(versionTold)));
      this.state.update({ confirmed: { ...loaded, inbox }, status: "ready", error: null });
      this.#writes.reached();
    });
    if (this.#isActive) this.#goOn(loaded);
    if (before.status === "ready") this.#announceNew(before.confirmed, loaded.items);
  }

  #goOn(loaded: NotificationsState): void {
    this.#isSuspended = false;
    if (this.#follow !== null) {
      this.#follow.resume(loaded.position);
      return;
    }
    const handlers = {
      onEvent: (event: EventFrame) => this.#receive(event),
      onResync: () => {
        this.#isSuspended = true;
        void this.#reload();
      },
      onEnd: () => {
        this.#follow = null;
      },
    };
    this.#follow = this.#client.follow(OWN_TOPIC, handlers, loaded.position);
  }

  #receive(event: EventFrame): void {
    if (this.#requests > 0) this.#recent.push(event);
    const { confirmed } = this.state.getSnapshot();
    const isNew = !isContained(confirmed, event);
    if (isNew) this.ledger.observe(event);
    this.#writes.observe(event);
    this.state.update({ confirmed: reduce(confirmed, event) });
    if (this.state.getSnapshot().confirmed.isStale) void this.#reload();
    if (isNew && event.type === "notification.created") {
      this.#onArrival({ notification: (event.data as NotificationCreated).notification, isLate: false });
    }
  }

  /** What a fresh snapshot shows that no event told. */
  #announceNew(before: NotificationsState, items: readonly Notification[]): void {
    const told = Math.max(before.inbox.last_number, before.items[0]?.number ?? 0);
    for (const notification of items.filter((item) => item.number > told && !item.is_seen).reverse()) {
      this.#onArrival({ notification, isLate: true });
    }
  }

  #failed(error: ClientError): void {
    const { status, confirmed } = this.state.getSnapshot();
    if (status !== "ready") this.state.update({ status: "error", error });
    // Without its snapshot a suspended feed would stay deaf.
    if (this.#isActive && (this.#isSuspended || confirmed.isStale)) {
      const delay = Math.max(RELOAD_AFTER, (error.retryAfter ?? 0) * 1_000);
      this.#reloadTimer = this.#client.clock.setTimeout(() => void this.#reload(), delay);
    }
  }

  #watchConnection(): void {
    const { status } = this.#client.connection.state.getSnapshot();
    const isBroken = this.state.getSnapshot().status === "error" || this.#isSuspended;
    if (status === "open" && isBroken) void this.#reload();
  }

  #watchPerson(): void {
    const { status, person } = this.#client.session.state.getSnapshot();
    const id = person?.id ?? null;
    if (status === "anonymous" || (this.#person !== null && id !== null && id !== this.#person)) this.#reset();
    this.#person = status === "anonymous" ? null : (id ?? this.#person);
    if (status === "signed-in" && this.state.getSnapshot().status === "idle") void this.load();
  }

  #reset(): void {
    this.#round += 1;
    this.#loading = null;
    this.#recent = [];
    this.#follow?.stop();
    this.#follow = null;
    this.#isSuspended = false;
    this.state.set(this.#initial());
  }
}

function isContained(state: NotificationsState, event: EventFrame): boolean {
  if (event.epoch === undefined || event.offset === undefined) return false;
  return hasReached(state.position, { epoch: event.epoch, offset: event.offset });
}
