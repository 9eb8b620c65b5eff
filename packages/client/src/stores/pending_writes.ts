/** The writes of one client that the server has not decided yet: one list for all its stores, sent one after another. */
import type { CarillonClient } from "../api.js";
import { asClientError, ClientError } from "../errors.js";
import { hasReached, readPosition } from "../positions.js";
import type { EventFrame, Position } from "../protocol.js";
import { type PendingWrite, unconfirmed } from "../reducers/pending.js";
import { createClientId } from "../writes.js";
import type { WriteFailure } from "./contract.js";
import type { Ledger } from "./ledger.js";
import { batch, Store } from "./store.js";

/** A store whose confirmed state the writes are laid over. */
export interface Participant {
  /** Null until its first snapshot. */
  readonly position: Position | null;
  /** Of its counters. */
  readonly version: number;
  /** What it was told of single notifications. */
  readonly ledger: Ledger;
  /** True when the event of a write will reach it by itself. */
  readonly isLive: boolean;
  /** Fetches a snapshot that contains `position` (null: whatever is newest), for no event will tell. */
  refresh(position: Position | null): Promise<void>;
}

export interface PendingState {
  writes: readonly PendingWrite[];
  /** Refs of those that wait for the network. */
  waiting: ReadonlySet<string>;
  failure: WriteFailure | null;
}

export interface Submission {
  write: PendingWrite;
  command: string;
  data: Record<string, unknown>;
  /** Milliseconds to wait before it is sent, so that it can still be taken back. */
  holdFor: number;
}

type Phase = "held" | "queued" | "sent" | "settled";

/** One submitted write. */
export class Entry {
  phase: Phase = "held";
  readonly done: Promise<Record<string, unknown>>;
  readonly submission: Submission;
  readonly stop = new AbortController();
  resolve!: (reply: Record<string, unknown>) => void;
  reject!: (error: ClientError) => void;

  constructor(submission: Submission) {
    this.submission = submission;
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // Every failure is shown through the state, so that nobody has to listen here.
    this.done.catch(() => undefined);
  }
}

export class PendingWrites {
  readonly state = new Store<PendingState>({ writes: [], waiting: new Set(), failure: null });
  readonly #client: CarillonClient;
  readonly #participants = new Set<Participant>();
  readonly #entries = new Map<string, Entry>();
  readonly #releases = new Map<Entry, () => void>();
  #tail: Promise<unknown> = Promise.resolve();
  #person: string | null = null;

  constructor(client: CarillonClient) {
    this.#client = client;
    client.session.state.subscribe(() => this.#watchPerson());
    this.#watchPerson();
    if (typeof window !== "undefined") window.addEventListener("pagehide", () => this.flush());
  }

  join(participant: Participant): () => void {
    this.#participants.add(participant);
    return () => this.#participants.delete(participant);
  }

  /** Shows the write at once and sends it after all earlier ones. */
  submit(submission: Submission): Entry {
    const entry = new Entry(submission);
    this.#entries.set(submission.write.ref, entry);
    this.#share(submission.write.ids);
    this.#show([...this.state.getSnapshot().writes, submission.write]);
    if (submission.holdFor > 0) this.#hold(entry);
    else this.#queue(entry);
    return entry;
  }

  /** Takes back what was not sent yet; false when it is too late. */
  cancel(entry: Entry): boolean {
    if (entry.phase !== "held" && entry.phase !== "queued") return false;
    this.#releases.get(entry)?.();
    this.#releases.delete(entry);
    entry.stop.abort();
    this.#finish(entry);
    entry.reject(new ClientError("cancelled", "The write was taken back."));
    return true;
  }

  /** Sends what is held, for the page may go. */
  flush(): void {
    for (const [entry, release] of [...this.#releases]) {
      release();
      this.#queue(entry);
    }
  }

  /** Call with each event before it is applied: writes that it tells are part of the confirmed state from now on. */
  observe(event: EventFrame): void {
    const { writes } = this.state.getSnapshot();
    const left = unconfirmed(writes, event);
    if (left !== writes) this.#show(left);
  }

  /** Call after a fresh snapshot: a write is settled once every list contains it. */
  reached(): void {
    const positions = this.#positions();
    const { writes } = this.state.getSnapshot();
    const left = writes.filter(
      ({ position }) => position === null || !positions.every((one) => hasReached(one, position)),
    );
    if (left.length !== writes.length) this.#show(left);
  }

  dismissFailure(): void {
    this.state.update({ failure: null });
  }

  /** What one list knows of these, every list of the same version knows from now on, so that all count alike. */
  #share(ids: readonly string[]): void {
    const ledgers = [...this.#participants].map(({ ledger }) => ledger);
    for (const ledger of ledgers) {
      const others = ledgers.filter(({ version }) => version === ledger.version);
      ledger.learn(ids.flatMap((id) => others.map((other) => other.find(id)).find(Boolean) ?? []));
    }
  }

  #hold(entry: Entry): void {
    const { clock } = this.#client;
    const timer = clock.setTimeout(() => {
      this.#releases.delete(entry);
      this.#queue(entry);
    }, entry.submission.holdFor);
    this.#releases.set(entry, () => clock.clearTimeout(timer));
  }

  #queue(entry: Entry): void {
    this.#releases.delete(entry);
    entry.phase = "queued";
    // One after another: a write that has to be sent again must not overtake the one that takes it back.
    this.#tail = this.#tail.then(() => this.#send(entry));
  }

  async #send(entry: Entry): Promise<void> {
    if (entry.phase !== "queued") return;
    entry.phase = "sent";
    const { command, data, write } = entry.submission;
    try {
      const reply = await this.#client.write<Record<string, unknown>>(command, data, {
        clientId: createClientId(),
        retries: Number.POSITIVE_INFINITY,
        signal: entry.stop.signal,
        onWaiting: () => this.#setWaiting(write.ref, true),
      });
      batch(() => this.#agreed(entry, reply));
    } catch (thrown) {
      batch(() => this.#refused(entry, asClientError(thrown)));
    }
  }

  #agreed(entry: Entry, reply: Record<string, unknown>): void {
    const { write } = entry.submission;
    entry.phase = "settled";
    this.#entries.delete(write.ref);
    this.#setWaiting(write.ref, false);
    entry.resolve(reply);
    this.#settle(write, readPosition(reply.position), versionOf(reply.inbox));
  }

  /** The write stays on the screen until the confirmed lists contain it, by its event or by a fresh snapshot. */
  #settle(write: PendingWrite, position: Position | null, version: number): void {
    const { writes } = this.state.getSnapshot();
    this.#show(writes.map((one) => (one.ref === write.ref ? { ...one, position, version } : one)));
    // Without a position nothing was changed by it, unless the counters went on.
    const deaf = this.#loaded().filter((one) => (position === null ? one.version < version : !one.isLive));
    const refreshed = Promise.all(deaf.map((one) => one.refresh(position)));
    if (position !== null) this.reached();
    else if (deaf.length === 0) this.#hide(write.ref);
    else void refreshed.then(() => this.#hide(write.ref));
  }

  #loaded(): Participant[] {
    return [...this.#participants].filter((one) => one.position !== null);
  }

  #positions(): (Position | null)[] {
    return this.#loaded().map((one) => one.position);
  }

  #refused(entry: Entry, error: ClientError): void {
    const { write } = entry.submission;
    this.#finish(entry);
    entry.reject(error);
    if (error.code === "cancelled") return;
    this.state.update({ failure: { ref: write.ref, action: write.action, ids: write.ids, error } });
  }

  #finish(entry: Entry): void {
    const { ref } = entry.submission.write;
    entry.phase = "settled";
    this.#entries.delete(ref);
    this.#setWaiting(ref, false);
    this.#hide(ref);
  }

  #hide(ref: string): void {
    this.#show(this.state.getSnapshot().writes.filter((write) => write.ref !== ref));
  }

  #show(writes: readonly PendingWrite[]): void {
    this.state.update({ writes });
  }

  #setWaiting(ref: string, isWaiting: boolean): void {
    const before = this.state.getSnapshot().waiting;
    if (before.has(ref) === isWaiting) return;
    const waiting = new Set(before);
    if (isWaiting) waiting.add(ref);
    else waiting.delete(ref);
    this.state.update({ waiting });
  }

  /** What one person wrote is not sent in the name of the next. */
  #watchPerson(): void {
    const { status, person } = this.#client.session.state.getSnapshot();
    const id = person?.id ?? null;
    const hasLeft = this.#person !== null && id !== this.#person && status !== "restoring";
    this.#person = id ?? (hasLeft ? null : this.#person);
    if (!hasLeft) return;
    for (const entry of [...this.#entries.values()]) {
      if (!this.cancel(entry)) entry.stop.abort();
    }
    this.state.set({ writes: [], waiting: new Set(), failure: null });
  }
}

function versionOf(inbox: unknown): number {
  const { version } = (inbox ?? {}) as { version?: unknown };
  return typeof version === "number" ? version : Number.POSITIVE_INFINITY;
}

const shared = new WeakMap<CarillonClient, PendingWrites>();

/** The pending writes of a client: the same for all its stores. */
export function pendingWrites(client: CarillonClient): PendingWrites {
  const known = shared.get(client) ?? new PendingWrites(client);
  shared.set(client, known);
  return known;
}
