/** The counters while own writes are undecided and others act too: a number is either certain, or the server's. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type CarillonClient, createClient, createNotificationsStore, type NotificationsStore } from "../src/index.js";
import { settle } from "./support/fake_server.js";
import { InboxServer } from "./support/inbox_server.js";

let server: InboxServer;
let client: CarillonClient;
let store: NotificationsStore;
let ends: (() => void)[];

beforeEach(async () => {
  vi.useFakeTimers();
  server = new InboxServer();
  for (let count = 0; count < 5; count += 1) server.model.create();
  client = createClient(server.options({ getToken: () => "a.b.c" }));
  store = createNotificationsStore(client);
  client.connection.start();
  await settle();
  server.last.greets({ position: server.model.position });
  ends = [store.subscribe(() => {})];
  await settle();
});

afterEach(() => {
  for (const end of ends) end();
  client.destroy();
  vi.useRealTimers();
});

const unread = () => store.getSnapshot().inbox.unread;
const id = (number: number) => server.model.rows.find((row) => row.number === number)?.id ?? "";

/** The server is told, and answers nothing yet. */
function holdAnswers(...actions: string[]): void {
  for (const action of actions) server.answers[`notification.${action}`] = () => null;
}

it("does not count a notification twice that somebody else deletes meanwhile", () => {
  holdAnswers("read");
  store.markRead([id(5)]);
  expect(unread()).toBe(4);
  server.tell(server.model.delete([id(5)]));
  expect(unread()).toBe(4);
});

it("counts what comes after mark-all-read, whatever others do to the rest", () => {
  holdAnswers("read_all");
  store.markAllRead();
  server.tell(server.model.read([id(1), id(2)]));
  server.tell(server.model.create());
  server.tell(server.model.archive([id(3)]));
  expect(unread()).toBe(1);
});

it("does not owe to the next one what somebody else's mark-all-read took already", () => {
  holdAnswers("read");
  store.markRead([id(5)]);
  server.tell(server.model.readAll(5));
  server.tell(server.model.create());
  expect(unread()).toBe(1);
});

it("takes back a mark-all-read at once when nothing else happened, else when the server says how many", async () => {
  const first = store.markAllRead();
  await first.done;
  holdAnswers("restore_unread");
  void first.undo();
  await settle();
  expect(unread()).toBe(5);
  server.tell(server.model.delete([id(5)]));
  expect(unread()).toBe(0);
});

it("shows the server's number where a fresh snapshot no longer tells what a write would change", async () => {
  holdAnswers("read");
  store.markRead([id(5)]);
  expect(unread()).toBe(4);
  server.model.archive([id(5)]);
  server.last.push({ type: "resync", topic: "user:1", data: { reason: "too_old", position: server.model.position } });
  await settle();
  expect(unread()).toBe(4);
});

it("leaves a write out of a list that contains it, while another list waits for it", async () => {
  const archive = createNotificationsStore(client, { view: "archive" });
  ends.push(archive.subscribe(() => {}));
  await settle();
  server.answers["notification.read"] = ({ data }) => {
    server.model.read(data.ids as string[]);
    return { inbox: server.model.inbox, position: server.model.position };
  };
  store.markRead([id(5)]);
  await settle();
  server.model.unread([id(5)]);
  await store.load();
  expect(archive.getSnapshot().inbox.unread).toBe(4);
  expect(unread()).toBe(5);
});

it("knows in every list what one of them knows", async () => {
  const archive = createNotificationsStore(client, { view: "archive" });
  ends.push(archive.subscribe(() => {}));
  await settle();
  holdAnswers("read", "read_all");
  store.markRead([id(5)]);
  expect(archive.getSnapshot().inbox.unread).toBe(4);
  store.markAllRead();
  server.tell(server.model.create());
  expect([unread(), archive.getSnapshot().inbox.unread]).toEqual([1, 1]);
});

it("brings a snoozed one out of the archive, as the server does", async () => {
  server.tell(server.model.archive([id(5)]));
  const snoozed = createNotificationsStore(client, { view: "snoozed" });
  const archive = createNotificationsStore(client, { view: "archive" });
  ends.push(
    snoozed.subscribe(() => {}),
    archive.subscribe(() => {}),
  );
  await settle();
  holdAnswers("snooze");
  archive.snooze([id(5)], "2026-12-01T08:00:00Z");
  expect(snoozed.getSnapshot().items).toMatchObject([{ number: 5, is_archived: false }]);
  expect(archive.getSnapshot().items).toEqual([]);
});

it("leaves out a write that changed nothing as soon as a list is as new as its answer", async () => {
  const archive = createNotificationsStore(client, { view: "archive" });
  ends.push(archive.subscribe(() => {}));
  await settle();
  // Another device read it just before, and marks it unread just after; this one hears of neither until it asks.
  server.model.read([id(5)]);
  server.answers["notification.read"] = () => ({ inbox: server.model.inbox, position: null });
  const page = server.page.bind(server);
  server.on("GET /notifications/", ({ query }) => {
    if (query.get("view") === "archive") return new Promise(() => {});
    return { body: page(query) };
  });
  store.markRead([id(5)]);
  await Promise.resolve();
  server.model.unread([id(5)]);
  await settle();
  expect(archive.getSnapshot().inbox.unread).toBe(4);
  expect(unread()).toBe(5);
});

it("takes nothing for known after rows were changed past the server", () => {
  holdAnswers("read", "read_all");
  store.markRead([id(5)]);
  const inbox = { ...server.model.inbox, unread: 2, version: server.model.inbox.version + 1 };
  const event = {
    type: "inbox.corrected",
    topic: "user:1",
    epoch: "e1",
    offset: server.model.events.length + 1,
    at: "",
  };
  server.tell({ ...event, data: { inbox, items_changed: true } });
  expect(unread()).toBe(2);
});
