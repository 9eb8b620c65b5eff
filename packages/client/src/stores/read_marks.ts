/** How far the reader has read, ahead of the server: shown at once everywhere, told after a short while. */

import type { CarillonClient } from "../api.js";
import { asClientError } from "../errors.js";
import type { Entry, Mine } from "../protocol.js";
import { unreadOf } from "../reducers/conversation.js";
import { watchPerson } from "./person.js";
import { PerClient } from "./shared.js";
import { Store } from "./store.js";

/** Others see a receipt at once; who scrolls through a conversation reads message after message, told together. */
const TOLD_AFTER = 30;
const TOLD_EVERY = 150;

export class ReadMarks {
  /** By conversation: what was read here. */
  readonly state = new Store<ReadonlyMap<number, number>>(new Map());
  readonly #client: CarillonClient;
  readonly #timers = new Map<number, unknown>();
  /** By conversation: what the server was told, or is being told. */
  readonly #told = new Map<number, number>();
  readonly #sending = new Set<number>();
  #toldAt = Number.NEGATIVE_INFINITY;
  #stop = new AbortController();

  constructor(client: CarillonClient) {
    this.#client = client;
    watchPerson(client, () => this.#reset());
    if (typeof window !== "undefined") window.addEventListener("pagehide", () => this.#flush());
  }

  /** Everything up to `upTo` is read; nothing happens when it was already. */
  mark(conversation: number, upTo: number): void {
    const marks = this.state.getSnapshot();
    if (upTo <= (marks.get(conversation) ?? 0)) return;
    this.state.set(new Map(marks).set(conversation, upTo));
    if (this.#timers.has(conversation)) return;
    const { clock } = this.#client;
    const delay = Math.max(TOLD_AFTER, this.#toldAt + TOLD_EVERY - clock.now());
    this.#timers.set(
      conversation,
      clock.setTimeout(() => this.#due(conversation), delay),
    );
  }

  /** The reader's own state with what was read here. */
  applied(mine: Mine, conversation: number, lastSeq: number): Mine {
    const upTo = this.state.getSnapshot().get(conversation) ?? 0;
    if (upTo <= mine.read_up_to) return mine;
    const read = { ...mine, read_up_to: upTo };
    const unread = unreadOf(lastSeq, read);
    return { ...read, unread, is_mentioned: mine.is_mentioned && unread > 0 };
  }

  appliedTo(entry: Entry): Entry {
    const { conversation } = entry;
    const mine = this.applied(entry.mine, conversation.id, conversation.last_seq);
    return mine === entry.mine ? entry : { ...entry, mine };
  }

  #due(conversation: number): void {
    this.#client.clock.clearTimeout(this.#timers.get(conversation));
    this.#timers.delete(conversation);
    this.#toldAt = this.#client.clock.now();
    void this.#tell(conversation);
  }

  #flush(): void {
    for (const conversation of [...this.#timers.keys()]) this.#due(conversation);
  }

  /** One write at a time: while it waits for the network, later marks join the next one. */
  async #tell(conversation: number): Promise<void> {
    if (this.#sending.has(conversation)) return;
    const { signal } = this.#stop;
    this.#sending.add(conversation);
    try {
      for (let upTo = this.#untold(conversation); upTo !== null; upTo = this.#untold(conversation)) {
        this.#told.set(conversation, upTo);
        const options = { retries: Number.POSITIVE_INFINITY, signal };
        await this.#client.write("conversation.read", { conversation, up_to: upTo }, options);
        if (signal.aborted) return;
      }
    } catch (thrown) {
      if (signal.aborted || asClientError(thrown).isTransient) this.#told.delete(conversation);
      else this.#forget(conversation);
    } finally {
      if (!signal.aborted) this.#sending.delete(conversation);
    }
  }

  #untold(conversation: number): number | null {
    const upTo = this.state.getSnapshot().get(conversation) ?? 0;
    return upTo > (this.#told.get(conversation) ?? 0) ? upTo : null;
  }

  /** Refused: what is shown is again what the server says. */
  #forget(conversation: number): void {
    this.#told.delete(conversation);
    const marks = new Map(this.state.getSnapshot());
    marks.delete(conversation);
    this.state.set(marks);
  }

  #reset(): void {
    this.#stop.abort();
    this.#stop = new AbortController();
    for (const timer of this.#timers.values()) this.#client.clock.clearTimeout(timer);
    this.#timers.clear();
    this.#told.clear();
    this.#sending.clear();
    this.state.set(new Map());
  }
}

const shared = new PerClient<"", ReadMarks>((client) => new ReadMarks(client));

/** The read marks of a client: the same for all its stores. */
export function readMarks(client: CarillonClient): ReadMarks {
  return shared.of(client, "");
}
