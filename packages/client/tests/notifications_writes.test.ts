/** What a person does: shown at once, settled silently, rolled back when refused, sent again after a loss. */
import { describe, expect, it, vi } from "vitest";
import { createNotificationsStore } from "../src/index.js";
import { problem, settle } from "./support/fake_server.js";
import {
  client,
  expectSettled,
  item,
  numbers,
  read,
  server,
  shown,
  store,
  withOpenedInbox,
} from "./support/opened_inbox.js";

withOpenedInbox(5);

describe("every action", () => {
  const actions: [string, (ids: string[]) => unknown, number, number][] = [
    ["markRead", (ids) => store.markRead(ids), 5, 3],
    ["archive", (ids) => store.archive(ids), 3, 3],
    ["snooze", (ids) => store.snooze(ids, new Date(Date.now() + 3_600_000)), 3, 3],
    ["remove", (ids) => store.remove(ids), 3, 3],
    ["markAllRead", () => store.markAllRead(), 5, 0],
  ];

  it.each(actions)("%s shows at once and settles silently", async (_, act, count, unread) => {
    act([item(5).id, item(2).id]);
    expect(numbers()).toHaveLength(count);
    expect(shown().inbox.unread).toBe(unread);
    await settle();
    expectSettled();
    expect(shown().inbox.unread).toBe(unread);
  });

  it.each(actions)("%s rolls back with a sentence when refused", async (_, act) => {
    for (const name of ["read", "archive", "snooze", "delete", "read_all"]) {
      server.answers[`notification.${name}`] = ({ ref }) => {
        const data = { error: "Not now.", code: "forbidden", fatal: false };
        queueMicrotask(() => server.last.push({ type: "error", ref, data }));
        return null;
      };
    }
    act([item(5).id, item(2).id]);
    await settle();
    expectSettled();
    expect(shown().failure).toMatchObject({ error: { code: "forbidden", message: "Not now." } });
    store.dismissFailure();
    expect(shown().failure).toBeNull();
  });

  it.each(actions)("%s works over REST alone", async (_, act, count, unread) => {
    client.connection.stop();
    act([item(5).id, item(2).id]);
    await settle();
    expect(numbers()).toHaveLength(count);
    expectSettled();
    expect(shown().inbox.unread).toBe(unread);
  });

  it("that changed nothing on the server settles without another request", async () => {
    server.answers["notification.read"] = () => ({ inbox: server.model.inbox, position: null });
    const before = server.requests.length;
    store.markRead([item(5).id]);
    await settle();
    expectSettled();
    expect(server.requests).toHaveLength(before);
    server.answers["notification.read"] = ({ data }) => {
      server.model.read(data.ids as string[]);
      return { inbox: server.model.inbox, position: null };
    };
    store.markRead([item(5).id]);
    await settle();
    expectSettled();
    expect(server.requests).toHaveLength(before + 1);
  });

  it("never counts twice, whatever comes first: event, reply, or both late", async () => {
    const counts: number[] = [];
    store.subscribe(() => counts.push(shown().inbox.unread));
    store.markRead([item(5).id]);
    await settle();
    server.answers["notification.read"] = ({ ref, data }) => {
      const event = server.model.read(data.ids as string[]);
      const reply = { inbox: server.model.inbox, position: server.model.position };
      server.last.push({ type: "reply", ref, data: reply });
      setTimeout(() => server.tell(event), 50);
      return null;
    };
    store.markRead([item(4).id]);
    await vi.advanceTimersByTimeAsync(100);
    expect(new Set(counts)).toEqual(new Set([4, 3]));
    expect(counts).toEqual([...counts].sort((a, b) => b - a));
    expectSettled();
  });
});

it("agrees between bell and page while the write is under way", async () => {
  const page = createNotificationsStore(client, { filters: { unread: true }, pageSize: 2 });
  const endPage = page.subscribe(() => {});
  await settle();
  server.answers["notification.read"] = () => null;
  store.markRead([item(1).id, item(5).id]);
  expect(page.getSnapshot().inbox.unread).toBe(3);
  expect(page.getSnapshot().items.map(({ number }) => number)).toEqual([4]);
  expect(shown().pending).toEqual(new Set([item(1).id, item(5).id]));
  endPage();
});

it("does not take an older state for the answer to a write that waits behind another", async () => {
  server.answers["notification.read"] = () => null;
  store.markRead([item(5).id]);
  store.markUnread([item(5).id]);
  server.tell(server.model.change([item(5).id], () => ({ title: "Corrected" })));
  expect(shown().items[0]).toMatchObject({ title: "Corrected", is_read: false });
  expect(shown().pending).toEqual(new Set([item(5).id]));
});

it("puts an archived item into an open archive at once", async () => {
  const archive = createNotificationsStore(client, { view: "archive" });
  const endArchive = archive.subscribe(() => {});
  await settle();
  store.archive([item(3).id]);
  expect(archive.getSnapshot().items).toMatchObject([{ number: 3, is_archived: true, is_read: true }]);
  endArchive();
});

describe("a lost connection", () => {
  it("keeps what is pending on the screen and sends it again, under the same key", async () => {
    server.on("POST /notifications/batch/", () => "network");
    server.answers["notification.read"] = () => null;
    store.markRead([item(5).id]);
    await settle();
    const key = server.last.commands("notification.read")[0]?.client_id;
    server.last.closes(1006);
    await settle();
    expect(shown()).toMatchObject({ waiting: 1, inbox: { unread: 4 } });
    server.answers["notification.read"] = ({ data, client_id }) => {
      expect(client_id).toBe(key);
      server.tell(server.model.read(data.ids as string[]));
      return { inbox: server.model.inbox, position: server.model.position };
    };
    await vi.advanceTimersByTimeAsync(1_000);
    server.last.greets({ position: server.model.position });
    await vi.advanceTimersByTimeAsync(3_000);
    expectSettled();
    expect(shown().inbox.unread).toBe(4);
  });

  it("holds any number of writes for any time, in order", async () => {
    server.on("POST /notifications/batch/", () => "network");
    server.last.closes(1006);
    store.markRead([item(5).id]);
    store.archive([item(4).id]);
    store.markUnread([item(5).id]);
    expect(numbers()).toEqual([5, 3, 2, 1]);
    for (let minute = 0; minute < 5; minute += 1) {
      await vi.advanceTimersByTimeAsync(60_000);
      if (server.last.readyState === 0) server.last.closes(1006);
    }
    expect(numbers()).toEqual([5, 3, 2, 1]);
    expect(shown().waiting).toBe(1);
    client.connection.retry();
    await settle();
    server.last.greets({ position: server.model.position });
    await vi.advanceTimersByTimeAsync(61_000);
    expectSettled();
    expect(read()).toEqual([false, false, false, false]);
  });

  it("does not write twice when the answer was lost after the write", async () => {
    server.on("POST /notifications/batch/", () => "network");
    const once = server.answers["notification.archive"];
    server.answers["notification.archive"] = (frame) => {
      once?.(frame);
      queueMicrotask(() => server.last.closes(1006));
      return null;
    };
    store.archive([item(5).id]);
    await settle();
    server.answers["notification.archive"] = once ?? (() => null);
    await vi.advanceTimersByTimeAsync(1_000);
    server.last.greets({ position: server.model.position });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(server.done.size).toBe(1);
    expectSettled();
  });
});

describe("seen", () => {
  it("is one range, and silent when there is nothing unseen", async () => {
    expect(store.seen()).not.toBeNull();
    expect(shown().inbox).toMatchObject({ unread: 5, unseen: 0 });
    expect(store.seen()).toBeNull();
    await settle();
    expect(server.last.commands("notification.seen")).toMatchObject([{ data: { up_to: 5 } }]);
    expectSettled();
  });
});

it("clears what is read", async () => {
  await store.markRead([item(5).id, item(3).id]).done;
  store.clearRead();
  expect(numbers()).toEqual([4, 2, 1]);
  await settle();
  expectSettled();
});

it("sends a hundred ids at a time", async () => {
  for (let count = 0; count < 245; count += 1) server.tell(server.model.create());
  const handle = store.markRead(server.model.rows.map(({ id }) => id));
  expect(shown().inbox.unread).toBe(0);
  await handle.done;
  expect(server.last.commands("notification.read").map(({ data }) => (data.ids as string[]).length)).toEqual([
    100, 100, 50,
  ]);
  expectSettled();
});

it("stops asking a server that always answers 'not now'", async () => {
  client.connection.stop();
  server.on("POST /notifications/batch/", () => problem(503, "busy"));
  store.markRead([item(5).id]);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(shown().failure).toMatchObject({ action: "read", error: { code: "busy" } });
  expectSettled();
});
