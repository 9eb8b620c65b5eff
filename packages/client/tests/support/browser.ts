/** Pages with an outbox before one fake server, and what survives them. */
import { vi } from "vitest";
import {
  type CarillonClient,
  type ClientOptions,
  createClient,
  createMessagesStore,
  type MessagesStore,
} from "../../src/index.js";
import { ChatServer, ME } from "./chat_server.js";
import { FakeDisk, fakeDatabase } from "./fake_database.js";
import { settle } from "./fake_server.js";

/** Tabs of one browser hear each other; other files' tests have channels of the same name. */
class FakeChannel {
  static readonly all = new Set<FakeChannel>();
  onmessage: ((event: { data: unknown }) => void) | null = null;

  constructor() {
    FakeChannel.all.add(this);
  }

  postMessage(data: unknown): void {
    for (const other of FakeChannel.all) if (other !== this) queueMicrotask(() => other.onmessage?.({ data }));
  }
}

export class Browser {
  readonly server = new ChatServer();
  readonly disk = new FakeDisk();
  /** A conversation of Alice and another, with three messages. */
  readonly id = this.server.open(["2"], 3);
  readonly #clients: CarillonClient[] = [];

  constructor() {
    vi.useFakeTimers();
    vi.stubGlobal("indexedDB", fakeDatabase(this.disk));
    vi.stubGlobal("BroadcastChannel", FakeChannel);
  }

  close(): void {
    for (const client of this.#clients) client.destroy();
    FakeChannel.all.clear();
    vi.unstubAllGlobals();
    vi.useRealTimers();
  }

  client(options: ClientOptions = { getToken: () => "a.b.c" }): CarillonClient {
    const client = createClient(this.server.options(options));
    this.#clients.push(client);
    return client;
  }

  page(): { client: CarillonClient; store: MessagesStore } {
    const client = this.client();
    const store = createMessagesStore(client, this.id);
    store.subscribe(() => {});
    return { client, store };
  }

  async online(client: CarillonClient): Promise<void> {
    client.connection.start();
    await settle();
    await this.server.greets();
    await settle();
  }

  /** No socket and no REST, as far as sending goes. */
  cut(): void {
    for (const socket of this.server.sockets) if (socket.readyState === 1) socket.closes(1006);
    this.server.on(`POST /conversations/${this.id}/messages/`, () => "network");
  }

  async back(): Promise<void> {
    const { server } = this;
    // A socket that did not open counts as one more failure.
    for (let tries = 0; tries < 5 && server.last.readyState === 3; tries += 1)
      await vi.advanceTimersByTimeAsync(40_000);
    await server.greets();
    await settle();
    await server.deliver();
    await vi.advanceTimersByTimeAsync(40_000);
    await settle();
  }

  /** What Alice sent, as the server has it. */
  sent(): string[] {
    const { messages } = this.server.model.row(this.id);
    return messages.filter(({ sender }) => sender?.id === ME).map(({ content }) => content);
  }
}

/** What a page shows after the three messages that were there. */
export function shownBy(store: MessagesStore): [string, string][] {
  return store
    .getSnapshot()
    .items.slice(3)
    .map(({ message, delivery }) => [message.content, delivery]);
}
