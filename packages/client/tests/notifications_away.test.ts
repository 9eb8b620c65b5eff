/** The shared list without a socket, and across persons. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type CarillonClient, createClient, createNotificationsStore, type NotificationsStore } from "../src/index.js";
import { ALICE, BRUNO, settle } from "./support/fake_server.js";
import { InboxServer } from "./support/inbox_server.js";

let server: InboxServer;
let client: CarillonClient;
let store: NotificationsStore;
let end: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  server = new InboxServer();
  for (let count = 0; count < 5; count += 1) server.model.create();
  client = createClient(server.options({ getToken: () => "a.b.c" }));
  store = createNotificationsStore(client);
});

afterEach(() => {
  end?.();
  client.destroy();
  vi.useRealTimers();
});

const shown = () => store.getSnapshot();
const numbers = () => shown().items.map(({ number }) => number);

async function open(): Promise<void> {
  client.connection.start();
  await settle();
  server.last.greets({ position: server.model.position });
  end = store.subscribe(() => {});
  await settle();
}

describe("without a socket", () => {
  it("polls after 10 s, then every 30 s, and stops when the socket is back", async () => {
    await open();
    const count = () => server.count("GET /notifications/");
    server.last.closes(1006);
    server.model.create();
    for (let failure = 0; failure < 20; failure += 1) {
      await vi.advanceTimersByTimeAsync(500);
      if (server.last.readyState === 0) server.last.closes(1006);
    }
    expect(count()).toBe(2);
    expect(numbers()[0]).toBe(6);
    server.model.create();
    await vi.advanceTimersByTimeAsync(29_000);
    expect(count()).toBe(2);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(count()).toBe(3);
    expect(numbers()[0]).toBe(7);
    client.connection.retry();
    await settle();
    server.last.greets({ position: server.model.position });
    await vi.advanceTimersByTimeAsync(120_000);
    expect(count()).toBe(3);
    server.tell(server.model.create());
    expect(numbers()[0]).toBe(8);
  });

  it("asks no more often while the server is away altogether", async () => {
    end = store.subscribe(() => {});
    await settle();
    server.on("GET /notifications/", () => "network");
    await vi.advanceTimersByTimeAsync(10_000 + 4 * 30_000);
    expect(server.count("GET /notifications/")).toBe(1 + 5);
    expect(shown()).toMatchObject({ status: "ready", error: null });
  });

  it("works for a host that opens none at all", async () => {
    end = store.subscribe(() => {});
    await settle();
    expect(shown().status).toBe("ready");
    server.model.create();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(numbers()[0]).toBe(6);
  });
});

describe("persons", () => {
  const login = (person: typeof ALICE) => () => ({
    body: { access: "t.1.x", expires_in: 600, person, language: "fr", time_zone: "Europe/Paris" },
  });

  it("waits for a sign-in, forgets at sign-out, and shows the next person nothing of the last", async () => {
    server.on("POST /auth/login/", login(ALICE));
    server.on("POST /auth/logout/", () => ({ status: 204 }));
    client = createClient(server.options({ auth: "cookie" }));
    store = createNotificationsStore(client);
    end = store.subscribe(() => {});
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.requests).toEqual([]);
    await client.session.signIn("alice", "alice");
    await settle();
    expect(numbers()).toHaveLength(5);
    await client.session.signOut();
    expect(shown()).toMatchObject({ status: "idle", items: [], inbox: { unread: 0 } });
    server.model.rows = [];
    server.on("POST /auth/login/", login(BRUNO));
    await client.session.signIn("bruno", "bruno");
    await settle();
    expect(shown()).toMatchObject({ status: "ready", items: [] });
  });

  it("drops an answer that was asked for in the name of the last person", async () => {
    server.on("POST /auth/login/", login(ALICE));
    server.on("POST /auth/logout/", () => ({ status: 204 }));
    const answers: (() => void)[] = [];
    server.on("GET /notifications/", ({ query }) => {
      const body = server.page(query);
      return new Promise((resolve) => answers.push(() => resolve({ body })));
    });
    client = createClient(server.options({ auth: "cookie" }));
    store = createNotificationsStore(client);
    end = store.subscribe(() => {});
    await client.session.signIn("alice", "alice");
    await settle();
    await client.session.signOut();
    server.model.rows = [];
    server.on("POST /auth/login/", login(BRUNO));
    await client.session.signIn("bruno", "bruno");
    await settle();
    for (const answer of answers.reverse()) {
      answer();
      await settle();
    }
    expect(answers).toHaveLength(2);
    expect(shown()).toMatchObject({ status: "ready", items: [] });
  });
});
