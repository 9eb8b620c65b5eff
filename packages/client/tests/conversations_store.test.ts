/** The list of conversations: loading, events, own writes, the badge. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type CarillonClient,
  type ConversationsStore,
  createClient,
  createConversationsStore,
  createMessagesStore,
} from "../src/index.js";
import { person } from "./support/chat_model.js";
import { ChatServer, ME } from "./support/chat_server.js";
import { settle } from "./support/fake_server.js";

let server: ChatServer;
let client: CarillonClient;
let store: ConversationsStore;
let end: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  server = new ChatServer();
  for (const other of ["2", "3", "4", "5", "6"]) server.open([other], 2);
  client = createClient(server.options({ getToken: () => "a.b.c" }));
});

afterEach(() => {
  end?.();
  client.destroy();
  vi.useRealTimers();
});

const shown = () => store.getSnapshot();
const ids = () => shown().items.map(({ conversation }) => conversation.id);
const entry = (id: number) => shown().items.find(({ conversation }) => conversation.id === id);

async function open(query = {}): Promise<void> {
  client.connection.start();
  await settle();
  await server.greets();
  store = createConversationsStore(client, query);
  end = store.subscribe(() => {});
  await settle();
}

describe("loading", () => {
  it("shows the latest first, and older ones on demand", async () => {
    await open({ pageSize: 2 });
    expect(ids()).toEqual([5, 4]);
    expect(shown()).toMatchObject({ status: "ready", hasMore: true, unread: 5, unreadMessages: 10 });
    await store.loadMore();
    await store.loadMore();
    expect(ids()).toEqual([5, 4, 3, 2, 1]);
    expect(shown().hasMore).toBe(false);
  });

  it("is one store a search", async () => {
    await open();
    expect(createConversationsStore(client, { q: " ", pageSize: 30 })).toBe(store);
    expect(createConversationsStore(client, { q: "x" })).not.toBe(store);
  });

  it("sends what an earlier page left, whichever conversation is opened", async () => {
    const messages = createMessagesStore(client, 1);
    messages.send("Before the connection");
    await open();
    await settle();
    expect(server.model.row(1).messages.at(-1)?.content).toBe("Before the connection");
  });
});

describe("events", () => {
  it("bring the touched conversation to the top, and take what is gone", async () => {
    await open();
    server.model.send(2, "3", "Ping");
    await server.deliver();
    expect(ids()).toEqual([2, 5, 4, 3, 1]);
    expect(entry(2)?.last_message?.content).toBe("Ping");
    server.model.leave(4, ME);
    await server.deliver();
    expect(ids()).toEqual([2, 5, 3, 1]);
  });

  it("bring what lies below the loaded pages only when it rises", async () => {
    await open({ pageSize: 2 });
    server.model.mute(1, ME, null);
    await server.deliver();
    expect(ids()).toEqual([5, 4]);
    server.model.send(1, "2");
    await server.deliver();
    expect(ids()).toEqual([1, 5, 4]);
    while (shown().hasMore) await store.loadMore();
    expect(ids()).toEqual([1, 5, 4, 3, 2]);
  });

  it("bring into a search only what fits", async () => {
    server.on("GET /conversations/", () => ({ body: { ...server.model.list(ME), results: [] } }));
    await open({ q: "Person 3" });
    expect(ids()).toEqual([]);
    server.model.send(1, "2");
    server.model.send(2, "3");
    await server.deliver();
    expect(ids()).toEqual([2]);
  });
});

describe("the badge", () => {
  it("counts conversations; a muted one only with a mention", async () => {
    await open();
    expect(shown()).toMatchObject({ unread: 5, unreadMessages: 10 });
    store.mute(1, new Date(Date.now() + 3_600_000));
    store.mute(2, "2020-01-01T00:00:00Z");
    expect(shown().unread).toBe(4);
    server.model.send(1, "2", "", { mentions: [{ person: ME, name: "Alice" }] });
    await settle();
    await server.deliver();
    expect(shown().unread).toBe(5);
  });

  it("counts what is not loaded, and hears of it", async () => {
    await open({ pageSize: 1 });
    expect(shown()).toMatchObject({ unread: 5, unreadMessages: 10 });
    server.model.read(1, ME, 2);
    server.model.leave(2, ME);
    server.model.mute(3, ME, "2030-01-01T00:00:00Z");
    await server.deliver();
    expect(ids()).toEqual([5]);
    expect(shown()).toMatchObject({ unread: 2, unreadMessages: 4 });
    server.model.mute(3, ME, null);
    await server.deliver();
    expect(shown()).toMatchObject({ unread: 3, unreadMessages: 6 });
    for (let page = 0; page < 4; page += 1) await store.loadMore();
    expect(ids()).toEqual([5, 4, 3, 1]);
    expect(shown()).toMatchObject({ unread: 3, unreadMessages: 6 });
  });

  it("falls at once when a conversation is left here", async () => {
    await open({ pageSize: 1 });
    store.leave(5, { holdFor: 6_000 });
    expect(shown().unread).toBe(4);
  });

  it("counts what is loaded of a search", async () => {
    server.on("GET /conversations/", () => ({ body: { ...server.model.list(ME, 2), unread: null } }));
    await open({ q: "Person", pageSize: 2 });
    expect(shown()).toMatchObject({ unread: 2, unreadMessages: 4 });
  });

  it("falls at once when a conversation is read here", async () => {
    await open();
    const messages = createMessagesStore(client, 3);
    const stop = messages.subscribe(() => {});
    await settle();
    messages.markRead();
    expect(shown().unread).toBe(4);
    expect(entry(3)?.mine).toMatchObject({ unread: 0, read_up_to: 2 });
    stop();
  });
});

describe("what the reader does", () => {
  it("shows at once and stays", async () => {
    await open();
    const handle = store.mute(1, "2030-01-01T00:00:00Z");
    expect(entry(1)?.mine.muted_until).toBe("2030-01-01T00:00:00Z");
    expect(shown().pending).toEqual(new Set([1]));
    await handle.done;
    expect(entry(1)?.mine.muted_until).toBe("2030-01-01T00:00:00Z");
    expect(shown().pending.size).toBe(0);
    await server.deliver();
    await handle.undo();
    expect(entry(1)?.mine.muted_until).toBeNull();
  });

  it("is put back with a sentence when it is refused", async () => {
    await open();
    server.refusals.set("conversation.leave", { code: "forbidden", status: 403 });
    const handle = store.leave(1);
    expect(ids()).not.toContain(1);
    await expect(handle.done).rejects.toMatchObject({ code: "forbidden" });
    expect(ids()).toContain(1);
    expect(shown().failure).toMatchObject({
      action: "leave",
      conversation: 1,
      error: { message: "Text of forbidden." },
    });
    store.dismissFailure();
    expect(shown().failure).toBeNull();
  });

  it("can be held, and taken back before it was sent", async () => {
    await open();
    const handle = store.leave(1, { holdFor: 6_000 });
    expect(ids()).not.toContain(1);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(handle.canUndo).toBe(true);
    await handle.undo();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(ids()).toContain(1);
    expect(server.last.commands("conversation.leave")).toEqual([]);
  });

  it("makes conversations, and hands them out", async () => {
    await open();
    const direct = await store.openDirect("9");
    expect(direct).toMatchObject({ id: 6, kind: "direct" });
    await server.deliver();
    expect(ids()[0]).toBe(6);
    await store.create({ kind: "group", people: ["2", "3"], title: "Three" });
    expect(server.last.commands("conversation.create").map(({ data }) => data)).toEqual([
      { kind: "direct", people: ["9"] },
      { kind: "group", people: ["2", "3"], title: "Three" },
    ]);
  });

  it("blocks and unblocks the other of a direct conversation", async () => {
    await open();
    const handle = store.block("3");
    expect(entry(2)).toMatchObject({ people: [person("3")], mine: { blocks: true } });
    await handle.done;
    expect(entry(2)?.mine.blocks).toBe(true);
    await handle.undo();
    expect(entry(2)?.mine.blocks).toBe(false);
    expect(server.last.commands("person.unblock")[0]?.data).toEqual({ person: "3" });
  });
});
