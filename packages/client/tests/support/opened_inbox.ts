/** Somebody's inbox, open, anew for each test: a server that keeps it, a client with a token, its store with a subscriber. */
import { afterEach, beforeEach, expect, vi } from "vitest";
import {
  type CarillonClient,
  createClient,
  createNotificationsStore,
  type Notification,
  type NotificationsStore,
} from "../../src/index.js";
import { settle } from "./fake_server.js";
import { InboxServer } from "./inbox_server.js";

export let server: InboxServer;
export let client: CarillonClient;
export let store: NotificationsStore;

/** Opens it before each test of the file, with so many notifications; `prepare` changes what the server holds. */
export function withOpenedInbox(count: number, prepare: () => void = () => {}): void {
  let end: () => void;

  beforeEach(async () => {
    vi.useFakeTimers();
    server = new InboxServer();
    for (let made = 0; made < count; made += 1) server.model.create();
    prepare();
    client = createClient(server.options({ getToken: () => "a.b.c" }));
    store = createNotificationsStore(client);
    client.connection.start();
    await settle();
    server.last.greets({ position: server.model.position });
    end = store.subscribe(() => {});
    await settle();
  });

  afterEach(() => {
    end();
    client.destroy();
    vi.useRealTimers();
  });
}

export const shown = () => store.getSnapshot();
export const numbers = () => shown().items.map(({ number }) => number);
export const read = () => shown().items.map(({ is_read }) => is_read);

/** As the server holds it. */
export function item(number: number): Notification {
  const found = server.model.rows.find((row) => row.number === number);
  if (found === undefined) throw new Error(`no ${number}`);
  return found;
}

/** Everything confirmed, and the screen is what a fresh snapshot would show. */
export function expectSettled(): void {
  const { results, inbox } = server.model.page("inbox", {}, 1_000);
  expect(shown().items).toEqual(results);
  expect(shown().inbox).toEqual(inbox);
  expect(shown().pending.size).toBe(0);
  expect(shown().waiting).toBe(0);
}
