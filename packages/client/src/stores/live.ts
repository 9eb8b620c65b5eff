/** A confirmed state kept up to date: snapshot, events of one topic, and polling while there is no socket. */
import type { CarillonClient, Follow } from "../api.js";
import { asClientError, type ClientError } from "../errors.js";
import { hasReached, positionOf } from "../positions.js";
import type { EventFrame, Position } from "../protocol.js";
import { Poller } from "./poller.js";
import { Store } from "./store.js";

const RELOAD_AFTER = 5_000;

export interface LiveState<State> {
  /** Null until the first snapshot, and when `gone`. */
  value: State | null;
  /** `gone`: the server does not show it to this person (any more). */
  status: "idle" | "loading" | "ready" | "error" | "gone";
  error: ClientError | null;
}

/** Events since the oldest request under way, to be applied to its answer. */
export type Recent = () => readonly EventFrame[];

export interface Source<State> {
  topic: string;
  /** The state that fresh snapshots stand for, as long as `current` is where possible; without events. */
  fetch(current: State | null, recent: Recent): Promise<State>;
  reduce(state: State, event: EventFrame): State;
  /** True for a state that only a fresh snapshot can repair. */
  isStale?(state: State): boolean;
  /** Called with each event of the topic, after it was applied. */
  onEvent?(event: EventFrame): void;
  /** Called when another person signed in, or nobody is any more. */
  onReset?(): void;
}

const IDLE = { value: null, status: "idle", error: null } as const;

export class LiveFeed<State extends { position: Position | null }> {
  readonly state = new Store<LiveState<State>>(IDLE);
  readonly #client: CarillonClient;
  readonly #source: Source<State>;
  readonly #poller: Poller;
  #follow: Follow | null = null;
  #isSuspended = false;
  #isActive = false;
  #loading: Promise<void> | null = null;
  #reloadTimer: unknown;
  #ends: (() => void)[] = [];
  #person: string | null = null;
  #recent: EventFrame[] = [];
  #requests = 0;
  /** Changes with each reset, so that a late answer for another person is thrown away. */
  #round = 0;
  /** Changes when a request other than a reload has changed what is loaded. */
  #edition = 0;

  constructor(client: CarillonClient, source: Source<State>) {
    this.#client = client;
    this.#source = source;
    this.#poller = new Poller(client, () => this.#reload());
  }

  get value(): State | null {
    return this.state.getSnapshot().value;
  }

  /** True when events will tell what changes. */
  get isLive(): boolean {
    const isOpen = this.#client.connection.state.getSnapshot().status === "open";
    return isOpen && this.#follow !== null && !this.#isSuspended;
  }

  activate(): void {
    if (this.#isActive) return;
    this.#isActive = true;
    this.#ends = [
      this.#client.session.state.subscribe(() => this.#watchPerson()),
      this.#client.connection.state.subscribe(() => this.#watchConnection()),
    ];
    this.#poller.start();
    this.#watchPerson();
    // What was loaded in an earlier life has missed events since.
    if (["ready", "error", "gone"].includes(this.state.getSnapshot().status)) void this.load();
  }

  deactivate(): void {
    this.#isActive = false;
    for (const end of this.#ends) end();
    this.#ends = [];
    this.#poller.stop();
    this.#client.clock.clearTimeout(this.#reloadTimer);
    this.#unfollow();
  }

  /** Fetches anew; never rejects, the state tells. */
  load(): Promise<void> {
    if (this.state.getSnapshot().status !== "ready") this.state.update({ status: "loading", error: null });
    return this.#reload();
  }

  /** Changes what is confirmed, where something is. */
  change(change: (value: State) => State): void {
    const { value } = this.state.getSnapshot();
    if (value !== null) this.#show(change(value));
  }

  /** Fetches something more and works it in; rejects with a ClientError when it could not be fetched. */
  async extend(work: (recent: Recent) => Promise<(value: State) => State>): Promise<void> {
    const round = this.#round;
    await this.#recording(async () => {
      const change = await work(() => this.#recent);
      if (round !== this.#round) return;
      this.#edition += 1;
      this.change(change);
    }).catch((thrown) => {
      throw asClientError(thrown);
    });
  }

  #reload(): Promise<void> {
    this.#client.clock.clearTimeout(this.#reloadTimer);
    this.#loading ??= this.#fetch().finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  async #fetch(): Promise<void> {
    const round = this.#round;
    try {
      await this.#recording(async () => {
        const loaded = await this.#fetchCurrent(round);
        if (round === this.#round && loaded !== null) this.#replace(loaded);
      });
    } catch (thrown) {
      if (round === this.#round) this.#failed(asClientError(thrown));
    }
  }

  /** Of a window that moved meanwhile the answer is worth nothing. */
  async #fetchCurrent(round: number): Promise<State | null> {
    for (;;) {
      const edition = this.#edition;
      const loaded = await this.#source.fetch(this.value, () => this.#recent);
      if (round !== this.#round) return null;
      if (edition === this.#edition) return this.#recent.reduce(this.#source.reduce, loaded);
    }
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

  #replace(loaded: State): void {
    this.state.set({ value: loaded, status: "ready", error: null });
    if (this.#isActive) this.#goOn(loaded.position);
  }

  #goOn(position: Position | null): void {
    this.#isSuspended = false;
    if (this.#follow !== null) {
      this.#follow.resume(position);
      return;
    }
    const handlers = {
      onEvent: (event: EventFrame) => this.#receive(event),
      onResync: () => {
        this.#isSuspended = true;
        void this.#reload();
      },
      onEnd: (error: ClientError) => {
        this.#follow = null;
        this.state.set({ value: null, status: "gone", error });
      },
    };
    this.#follow = this.#client.follow(this.#source.topic, handlers, position);
  }

  #receive(event: EventFrame): void {
    if (this.#requests > 0) this.#recent.push(event);
    const { value } = this.state.getSnapshot();
    const position = positionOf(event);
    const isContained = position !== null && value !== null && hasReached(value.position, position);
    if (value !== null && !isContained) this.#show(this.#source.reduce(value, event));
    this.#source.onEvent?.(event);
  }

  #show(value: State): void {
    if (value !== this.value) this.state.update({ value });
    if (this.#isStale) void this.#reload();
  }

  get #isStale(): boolean {
    const { value } = this.state.getSnapshot();
    return value !== null && this.#source.isStale?.(value) === true;
  }

  #failed(error: ClientError): void {
    const { status } = this.state.getSnapshot();
    if (error.status === 404 || error.code === "not_found") {
      this.#unfollow();
      this.state.set({ value: null, status: "gone", error });
      return;
    }
    if (status !== "ready") this.state.update({ status: "error", error });
    // Without its snapshot a suspended feed would stay deaf.
    if (this.#isActive && (this.#isSuspended || this.#isStale)) {
      const delay = Math.max(RELOAD_AFTER, (error.retryAfter ?? 0) * 1_000);
      this.#reloadTimer = this.#client.clock.setTimeout(() => void this.#reload(), delay);
    }
  }

  #watchConnection(): void {
    const { status } = this.#client.connection.state.getSnapshot();
    const isBroken = this.state.getSnapshot().status === "error" || this.#isSuspended;
    if (status === "open" && isBroken) void this.load();
  }

  #watchPerson(): void {
    const { status, person } = this.#client.session.state.getSnapshot();
    const id = person?.id ?? null;
    if (status === "anonymous" || (this.#person !== null && id !== null && id !== this.#person)) this.#reset();
    this.#person = status === "anonymous" ? null : (id ?? this.#person);
    if (status === "signed-in" && this.state.getSnapshot().status === "idle") void this.load();
  }

  #unfollow(): void {
    this.#follow?.stop();
    this.#follow = null;
    this.#isSuspended = false;
  }

  #reset(): void {
    this.#round += 1;
    this.#loading = null;
    this.#recent = [];
    this.#unfollow();
    this.state.set(IDLE);
    this.#source.onReset?.();
  }
}
