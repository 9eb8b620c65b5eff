/** Unsent messages of the signed-in person: kept on this device, sent one after another, each exactly once. */

import type { CarillonClient } from "../api.js";
import { asClientError, type ClientError } from "../errors.js";
import { exclusively } from "../locks.js";
import type { Message } from "../protocol.js";
import { createClientId } from "../writes.js";
import type { Outbox, OutboxSnapshot } from "./conversations_contract.js";
import { type Item, quoteOf, storedOf } from "./outbox_item.js";
import {
  MemoryStorage,
  type OutboxStorage,
  openStorage,
  type StoredMessage,
  spill,
  unspill,
} from "./outbox_storage.js";
import { PerClient } from "./shared.js";
import { batch, Store } from "./store.js";

/** A database that does not open in this time will not do so for this page. */
const OPENS_WITHIN = 3_000;
/** When the server said "not now" too often, or the session has to be renewed. */
const AGAIN_AFTER = 15_000;
const GREETED_WITHIN = 2_000;
const CHANNEL = "carillon-outbox";

/** Called once for each message that the server has taken. */
export type SentListener = (message: Message) => void;

export class SharedOutbox implements Outbox {
  readonly #state = new Store<OutboxSnapshot>({ isReady: false, messages: [] });
  readonly #client: CarillonClient;
  readonly #items = new Map<string, Item>();
  /** Settled or given up by this page, whatever a storage that lags behind says. */
  readonly #done = new Set<string>();
  readonly #busy = new Set<number>();
  readonly #listeners = new Set<SentListener>();
  readonly #waits = new Set<() => void>();
  readonly #opened: Promise<OutboxStorage>;
  #storage: OutboxStorage = new MemoryStorage();
  #channel: BroadcastChannel | null = null;
  #owner: string | null = null;
  #round = 0;
  #lastOrder = 0;

  constructor(client: CarillonClient, opening: Promise<OutboxStorage> = openStorage()) {
    this.#client = client;
    this.#opened = this.#open(opening);
    client.on("message.sent", ({ data: { message } }) => this.#heard(message));
    client.connection.state.subscribe(() => {
      if (client.connection.state.getSnapshot().status === "open") this.#wakeAll();
    });
    client.session.state.subscribe(() => this.#watchPerson());
    this.#watchPerson();
    void this.#identify();
    if (typeof window !== "undefined") {
      window.addEventListener("pagehide", () => {
        spill([...this.#items.values()].filter((one) => one.owner !== "" && !one.isStored).map(storedOf));
      });
    }
  }

  get isDurable(): boolean {
    return this.#storage.isDurable;
  }

  getSnapshot = (): OutboxSnapshot => this.#state.getSnapshot();

  subscribe = (listener: () => void): (() => void) => this.#state.subscribe(listener);

  onSent(listener: SentListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  send(conversation: number, content: string, replyTo: Message | null = null): string {
    const now = this.#client.clock.now();
    this.#lastOrder = Math.max(this.#lastOrder + 1, now);
    const item: Item = {
      owner: this.#owner ?? "",
      clientId: createClientId(),
      conversation,
      content,
      replyTo: replyTo && quoteOf(replyTo),
      createdAt: new Date(now).toISOString(),
      order: this.#lastOrder,
      failure: null,
      state: "pending",
      saved: Promise.resolve(false),
      isStored: false,
      stop: new AbortController(),
    };
    this.#items.set(item.clientId, item);
    this.#save(item);
    this.#show();
    this.#pump(conversation);
    return item.clientId;
  }

  retry(clientId: string): void {
    const item = this.#items.get(clientId);
    if (item?.state !== "failed") return;
    item.state = "pending";
    item.failure = null;
    this.#save(item);
    this.#show();
    this.#pump(item.conversation);
  }

  discard(clientId: string): string | null {
    const item = this.#items.get(clientId);
    if (item === undefined || item.state === "sending") return null;
    this.#remove(item);
    return item.content;
  }

  async #open(opening: Promise<OutboxStorage>): Promise<OutboxStorage> {
    const { clock } = this.#client;
    let timer: unknown;
    const late = new Promise<OutboxStorage>((resolve) => {
      timer = clock.setTimeout(() => resolve(this.#storage), OPENS_WITHIN);
    });
    this.#storage = await Promise.race([opening, late]);
    clock.clearTimeout(timer);
    if (this.#storage.isDurable && typeof BroadcastChannel !== "undefined") {
      this.#channel = new BroadcastChannel(CHANNEL);
      this.#channel.onmessage = ({ data }) => {
        if (data === this.#owner) void this.#read();
      };
    }
    return this.#storage;
  }

  /** The greeting says who is there; where no socket can be had, the server is asked. */
  async #identify(): Promise<void> {
    const { session } = this.#client;
    const isUnknown = () => {
      const { status, person } = session.state.getSnapshot();
      return status === "signed-in" && person === null;
    };
    for (let delay = GREETED_WITHIN; isUnknown(); delay = AGAIN_AFTER) {
      await this.#pause(delay);
      if (isUnknown()) await session.restore().catch(() => undefined);
    }
  }

  /** What one person wrote waits for that person; nobody else sends it. */
  #watchPerson(): void {
    const { status, person } = this.#client.session.state.getSnapshot();
    if (status === "restoring" || (status === "signed-in" && person === null)) return;
    const owner = person === null ? null : `${this.#client.serverUrl} ${person.id}`;
    if (owner === this.#owner) return;
    // Written before we knew who writes: by the one whom the server greets.
    const unowned = this.#owner === null ? [...this.#items.values()] : [];
    this.#leave();
    this.#owner = owner;
    if (owner === null) return;
    for (const item of unowned) {
      item.owner = owner;
      this.#items.set(item.clientId, item);
      this.#save(item);
    }
    void this.#read();
  }

  #leave(): void {
    this.#round += 1;
    if (this.#owner !== null) for (const item of this.#items.values()) item.stop.abort();
    this.#items.clear();
    this.#busy.clear();
    this.#wakeAll();
    this.#state.set({ isReady: false, messages: [] });
  }

  /** Takes up what an earlier page left, or what another tab has changed. */
  async #read(): Promise<void> {
    const round = this.#round;
    const storage = await this.#opened;
    const owner = this.#owner ?? "";
    const kept = [...this.#items.values()].filter((item) => item.isStored);
    for (const message of unspill(owner)) await storage.put(message).catch(() => undefined);
    const stored = await storage.all(owner).catch(() => null);
    if (round !== this.#round) return;
    const found = new Set(stored?.map(({ clientId }) => clientId));
    for (const item of stored === null ? [] : kept) {
      if (!found.has(item.clientId) && item.state !== "sending") this.#items.delete(item.clientId);
    }
    for (const message of stored ?? []) if (!this.#done.has(message.clientId)) this.#take(message);
    this.#state.update({ isReady: true });
    this.#show();
    for (const conversation of new Set([...this.#items.values()].map((item) => item.conversation))) {
      this.#pump(conversation);
    }
  }

  #take(message: StoredMessage): void {
    const known = this.#items.get(message.clientId);
    if (known?.state === "sending") return;
    const state = message.failure === null ? "pending" : "failed";
    this.#lastOrder = Math.max(this.#lastOrder, message.order);
    if (known !== undefined) Object.assign(known, { failure: message.failure, state });
    else {
      const rest = { state, saved: Promise.resolve(true), isStored: true, stop: new AbortController() } as const;
      this.#items.set(message.clientId, { ...message, ...rest });
    }
  }

  #save(item: Item): void {
    if (item.owner === "") return;
    const stored = storedOf(item);
    const saving = this.#opened.then((storage) => storage.put(stored)).then(() => this.#tellTabs());
    // What cannot be kept is sent all the same.
    item.saved = saving.then(
      () => true,
      () => false,
    );
    void item.saved.then((isStored) => {
      item.isStored = isStored;
    });
  }

  #remove(item: Item): void {
    item.stop.abort();
    this.#items.delete(item.clientId);
    this.#done.add(item.clientId);
    void item.saved
      .then(() => this.#storage.delete(item.clientId))
      .then(() => this.#tellTabs())
      .catch(() => undefined);
    this.#show();
  }

  #tellTabs(): void {
    this.#channel?.postMessage(this.#owner);
  }

  /** Sends what waits in a conversation, one after another; each after the answer to the one before it. */
  #pump(conversation: number): void {
    if (this.#owner === null || this.#busy.has(conversation)) return;
    const next = this.#ordered().find((item) => item.conversation === conversation && item.state === "pending");
    if (next === undefined) return;
    const round = this.#round;
    this.#busy.add(conversation);
    void this.#deliver(next, round).finally(() => {
      if (round !== this.#round) return;
      this.#busy.delete(conversation);
      this.#pump(conversation);
    });
  }

  async #deliver(item: Item, round: number): Promise<void> {
    const isSaved = await item.saved;
    try {
      await exclusively(`${CHANNEL}:${item.owner}:${item.conversation}`, async () => {
        if (await this.#isSettledElsewhere(item, isSaved, round)) return;
        this.#setState(item, "sending");
        const { clientId, conversation, content, replyTo } = item;
        const data = { conversation, content, ...(replyTo === null ? {} : { reply_to: replyTo.id }) };
        const { message } = await this.#client.write<{ message: Message }>("message.send", data, {
          clientId,
          retries: Number.POSITIVE_INFINITY,
          signal: item.stop.signal,
          onWaiting: () => this.#setState(item, "pending"),
        });
        if (round === this.#round) this.#settled(message);
      });
    } catch (thrown) {
      if (round === this.#round && this.#items.has(item.clientId)) await this.#failed(item, asClientError(thrown));
    }
  }

  /** Another tab may have sent it, or somebody gave it up, while we waited for our turn. */
  async #isSettledElsewhere(item: Item, isSaved: boolean, round: number): Promise<boolean> {
    const isKept = !isSaved || (await this.#storage.has(item.clientId).catch(() => true));
    if (round !== this.#round || !this.#items.has(item.clientId)) return true;
    if (isKept) return false;
    this.#items.delete(item.clientId);
    this.#show();
    return true;
  }

  async #failed(item: Item, error: ClientError): Promise<void> {
    if (error.isTransient || error.code === "unauthenticated") {
      this.#setState(item, "pending");
      await this.#pause(AGAIN_AFTER);
      return;
    }
    item.state = "failed";
    item.failure = { code: error.code, message: error.message };
    this.#save(item);
    this.#show();
  }

  #pause(delay: number): Promise<void> {
    const { clock } = this.#client;
    return new Promise((resolve) => {
      const finish = () => {
        clock.clearTimeout(timer);
        this.#waits.delete(finish);
        resolve();
      };
      const timer = clock.setTimeout(finish, delay);
      this.#waits.add(finish);
    });
  }

  #wakeAll(): void {
    for (const finish of [...this.#waits]) finish();
  }

  #heard(message: Message): void {
    if (message.sender?.id === this.#client.session.state.getSnapshot().person?.id) this.#settled(message);
  }

  /** The event and the reply tell the same, in any order; whichever comes first counts. */
  #settled(message: Message): void {
    const item = this.#items.get(message.client_id);
    if (item === undefined) return;
    batch(() => {
      this.#remove(item);
      for (const listener of [...this.#listeners]) listener(message);
    });
  }

  #setState(item: Item, state: Item["state"]): void {
    if (item.state === state || !this.#items.has(item.clientId)) return;
    item.state = state;
    this.#show();
  }

  #ordered(): Item[] {
    return [...this.#items.values()].sort((one, other) => one.order - other.order);
  }

  #show(): void {
    const messages = this.#ordered().map(({ clientId, conversation, content, replyTo, createdAt, state, failure }) => {
      return { clientId, conversation, content, replyTo, createdAt, state, failure };
    });
    this.#state.update({ messages });
  }
}

const shared = new PerClient<"", SharedOutbox>((client) => new SharedOutbox(client));

/** The outbox of a client; also who only lists conversations needs it, so that what an earlier page left is sent. */
export function outboxOf(client: CarillonClient): SharedOutbox {
  return shared.of(client, "");
}

/** The signed-in person's unsent messages: asked twice, the same outbox is returned. */
export function createOutbox(client: CarillonClient): Outbox {
  return outboxOf(client);
}
