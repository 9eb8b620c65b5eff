/** The shared list: loading, older pages, events. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type Arrival,
  type CarillonClient,
  createClient,
  createNotificationsStore,
  type NotificationsStore,
} from "../src/index.js";
import { problem, settle } from "./support/fake_server.js";
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

async function reconnect(): Promise<void> {
  await vi.advanceTimersByTimeAsync(1_000);
  server.last.greets({ position: server.model.position });
  await settle();
}

describe("loading", () => {
  it("does nothing until somebody looks", async () => {
    await settle();
    expect(shown()).toMatchObject({ status: "idle", items: [], inbox: { unread: 0, unseen: 0 } });
    expect(server.requests).toEqual([]);
  });

  it("fetches for the first subscriber, and once for all", async () => {
    await open();
    const other = store.subscribe(() => {});
    expect(shown()).toMatchObject({ status: "ready", hasMore: false, inbox: { unread: 5, unseen: 5 } });
    expect(numbers()).toEqual([5, 4, 3, 2, 1]);
    expect(server.count("GET /notifications/")).toBe(1);
    other();
  });

  it("is one store a query", () => {
    expect(createNotificationsStore(client, { view: "inbox", filters: {}, pageSize: 30 })).toBe(store);
    expect(createNotificationsStore(client, { view: "archive" })).not.toBe(store);
    expect(createNotificationsStore(client, { filters: { unread: true } })).not.toBe(store);
  });

  it("tells an error, and recovers by itself when the socket opens", async () => {
    server.on("GET /notifications/", () => problem(500, "internal"));
    end = store.subscribe(() => {});
    await settle();
    expect(shown()).toMatchObject({ status: "error", error: { code: "internal" } });
    server.on("GET /notifications/", ({ query }) => ({ body: server.page(query) }));
    client.connection.start();
    await settle();
    server.last.greets({ position: server.model.position });
    await settle();
    expect(shown()).toMatchObject({ status: "ready", error: null });
  });

  it("recovers by hand", async () => {
    server.on("GET /notifications/", () => "network");
    end = store.subscribe(() => {});
    await settle();
    server.on("GET /notifications/", ({ query }) => ({ body: server.page(query) }));
    const loading = store.load();
    expect(shown().status).toBe("loading");
    await loading;
    expect(shown().status).toBe("ready");
  });

  it("loads older pages, with what happens meanwhile", async () => {
    store = createNotificationsStore(client, { pageSize: 2 });
    await open();
    expect(numbers()).toEqual([5, 4]);
    expect(shown().hasMore).toBe(true);
    const answers: (() => void)[] = [];
    server.on("GET /notifications/", ({ query }) => {
      const body = server.page(query);
      return new Promise((resolve) => answers.push(() => resolve({ body })));
    });
    const more = store.loadMore();
    await settle();
    expect(shown().isLoadingMore).toBe(true);
    server.tell(server.model.delete([server.model.rows[2]?.id ?? ""]));
    server.tell(server.model.create());
    answers[0]?.();
    await more;
    expect(numbers()).toEqual([6, 5, 4, 2]);
    expect(shown()).toMatchObject({ isLoadingMore: false, hasMore: true });
  });

  it("tells that older pages failed, until the next attempt", async () => {
    store = createNotificationsStore(client, { pageSize: 2 });
    await open();
    server.on("GET /notifications/", () => problem(500, "internal"));
    await store.loadMore();
    expect(shown()).toMatchObject({ status: "ready", error: { code: "internal" }, isLoadingMore: false });
    server.on("GET /notifications/", ({ query }) => ({ body: server.page(query) }));
    await store.loadMore();
    expect(shown()).toMatchObject({ status: "ready", error: null });
    expect(numbers()).toEqual([5, 4, 3, 2]);
  });

  it("lives a while longer than its last subscriber", async () => {
    await open();
    end();
    await vi.advanceTimersByTimeAsync(5_000);
    end = store.subscribe(() => {});
    server.tell(server.model.create());
    expect(numbers()[0]).toBe(6);
    end();
    await vi.advanceTimersByTimeAsync(11_000);
    server.tell(server.model.create());
    expect(numbers()[0]).toBe(6);
    end = store.subscribe(() => {});
    await settle();
    expect(numbers()[0]).toBe(7);
  });
});

describe("events", () => {
  it("ring and count, once, in every list of the client", async () => {
    const unread = createNotificationsStore(client, { filters: { unread: true } });
    const arrivals: Arrival[] = [];
    store.onArrival((arrival) => arrivals.push(arrival));
    await open();
    const endUnread = unread.subscribe(() => {});
    await settle();
    const event = server.model.create({ title: "Bonjour" });
    server.tell(event);
    server.tell(event);
    expect(arrivals).toMatchObject([{ notification: { title: "Bonjour" }, isLate: false }]);
    expect(shown().inbox.unread).toBe(6);
    expect(unread.getSnapshot().inbox.unread).toBe(6);
    expect(unread.getSnapshot().items[0]?.title).toBe("Bonjour");
    endUnread();
  });

  it("missed while away are asked for and ring", async () => {
    const arrivals: Arrival[] = [];
    store.onArrival((arrival) => arrivals.push(arrival));
    await open();
    server.last.closes(1006);
    const missed = [server.model.create(), server.model.create()];
    await reconnect();
    expect(server.last.commands("subscribe")).toMatchObject([{ data: { topic: "user:1", position: { offset: 5 } } }]);
    for (const event of missed) server.tell(event);
    expect(numbers()).toEqual([7, 6, 5, 4, 3, 2, 1]);
    expect(arrivals).toHaveLength(2);
  });

  it("that are lost for good are replaced by a fresh snapshot, which rings too", async () => {
    const arrivals: Arrival[] = [];
    store.onArrival((arrival) => arrivals.push(arrival));
    await open();
    server.model.create();
    server.last.push({ type: "resync", topic: "user:1", data: { reason: "too_old", position: server.model.position } });
    expect(shown().status).toBe("ready");
    await settle();
    expect(numbers()[0]).toBe(6);
    expect(arrivals).toMatchObject([{ notification: { number: 6 }, isLate: true }]);
    expect(server.last.commands("subscribe").at(-1)?.data).toEqual({
      topic: "user:1",
      position: server.model.position,
    });
    server.tell(server.model.create());
    expect(numbers()[0]).toBe(7);
  });

  it("of a list that changed unsaid fetch it again, and nothing rings", async () => {
    const arrivals: Arrival[] = [];
    store.onArrival((arrival) => arrivals.push(arrival));
    await open();
    const silent = server.model.create();
    const { inbox } = server.model;
    server.tell({ ...silent, type: "inbox.corrected", data: { inbox, items_changed: true } });
    await settle();
    expect(numbers()).toEqual([6, 5, 4, 3, 2, 1]);
    expect(shown().inbox).toEqual(inbox);
    expect(arrivals).toEqual([]);
    expect(server.count("GET /notifications/")).toBe(2);
  });

  it("wait for a snapshot that fails at first", async () => {
    await open();
    server.on("GET /notifications/", () => "network");
    server.last.push({ type: "resync", topic: "user:1", data: { reason: "epoch", position: null } });
    await settle();
    expect(shown().status).toBe("ready");
    server.on("GET /notifications/", ({ query }) => ({ body: server.page(query) }));
    server.model.create();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(numbers()[0]).toBe(6);
  });

  it("that say too little for a filtered list cause a quiet reload", async () => {
    store = createNotificationsStore(client, { filters: { unread: true } });
    await open();
    const all = server.model.readAll(5);
    server.tell(all);
    expect(numbers()).toEqual([]);
    server.tell(server.model.restore(5, all.data.read_at));
    await settle();
    expect(numbers()).toEqual([5, 4, 3, 2, 1]);
    expect(server.count("GET /notifications/")).toBe(2);
  });

  it("keep the reader's place: a reload fetches as much as was loaded", async () => {
    for (let count = 0; count < 200; count += 1) server.model.create();
    store = createNotificationsStore(client, { pageSize: 100 });
    await open();
    await store.loadMore();
    expect(numbers()).toHaveLength(200);
    server.last.push({ type: "resync", topic: "user:1", data: { reason: "too_old", position: null } });
    await settle();
    await settle();
    expect(numbers()).toHaveLength(200);
  });
});
