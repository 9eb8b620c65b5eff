/** The shared window of messages: where it opens, paging, jumping, events, lost history. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type CarillonClient, createClient, createMessagesStore, type MessagesStore } from "../src/index.js";
import { ChatServer, ME } from "./support/chat_server.js";
import { settle } from "./support/fake_server.js";

let server: ChatServer;
let client: CarillonClient;
let store: MessagesStore;
let end: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  server = new ChatServer();
  client = createClient(server.options({ getToken: () => "a.b.c" }));
});

afterEach(() => {
  end?.();
  client.destroy();
  vi.useRealTimers();
});

const shown = () => store.getSnapshot();
const seqs = () => shown().items.map(({ message }) => message.seq);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

async function open(messages: number, readUpTo = messages): Promise<number> {
  const id = server.open(["2", "3"], messages);
  if (readUpTo > 0) server.model.read(id, ME, readUpTo);
  client.connection.start();
  await settle();
  await server.greets();
  store = createMessagesStore(client, id);
  end = store.subscribe(() => {});
  await settle();
  return id;
}

async function reconnect(): Promise<void> {
  await vi.advanceTimersByTimeAsync(1_000);
  await server.greets();
  await settle();
  await settle();
}

describe("opening", () => {
  it("shows the newest messages where everything is read", async () => {
    await open(120);
    expect(shown()).toMatchObject({ status: "ready", hasBefore: true, hasAfter: false, lastSeq: 120, divider: null });
    expect(seqs()).toEqual(range(71, 120));
  });

  it("shows the newest page with a divider where the first unread message is in it", async () => {
    await open(120, 100);
    expect(shown()).toMatchObject({ divider: 101, unread: 20, readUpTo: 100, hasAfter: false });
    expect(seqs()).toEqual(range(71, 120));
  });

  it("opens around the first unread message where that is further up", async () => {
    await open(200, 50);
    expect(shown()).toMatchObject({ divider: 51, hasBefore: true, hasAfter: true, lastSeq: 200 });
    expect(seqs()).toContain(51);
    expect(seqs()).not.toContain(200);
  });

  it("is empty where nothing was said", async () => {
    const id = await open(0);
    expect(shown()).toMatchObject({ status: "ready", items: [], hasBefore: false, hasAfter: false, lastSeq: 0 });
    server.model.send(id, "2");
    await server.deliver();
    expect(seqs()).toEqual([1]);
  });

  it("costs two requests, and shares them with the store of the conversation", async () => {
    await open(10);
    expect(server.requests.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
      "GET /conversations/1/",
      "GET /conversations/1/messages/",
    ]);
    expect(createMessagesStore(client, 1)).toBe(store);
  });

  it("says when it is gone", async () => {
    const id = await open(3);
    server.model.leave(id, ME);
    await store.load();
    expect(shown()).toMatchObject({ status: "gone", items: [] });
  });
});

describe("paging and jumping", () => {
  it("goes back and forth without gaps", async () => {
    await open(200, 50);
    await store.loadBefore();
    expect(seqs()[0]).toBe(1);
    expect(shown().hasBefore).toBe(false);
    while (shown().hasAfter) await store.loadAfter();
    expect(seqs()).toEqual(range(1, 200));
  });

  it("jumps to a message and back to the latest", async () => {
    await open(300);
    expect(await store.jumpTo(100)).toBe(true);
    expect(seqs()).toContain(100);
    expect(shown()).toMatchObject({ hasBefore: true, hasAfter: true, lastSeq: 300 });
    expect(await store.jumpTo(9_999)).toBe(false);
    expect(await store.jumpToLatest()).toBe(true);
    expect(shown().hasAfter).toBe(false);
    expect(seqs().at(-1)).toBe(300);
  });

  it("hears of what is said below the window without showing it", async () => {
    const id = await open(300);
    await store.jumpTo(100);
    const before = seqs();
    server.model.send(id, "2");
    await server.deliver();
    expect(seqs()).toEqual(before);
    expect(shown()).toMatchObject({ lastSeq: 301, hasAfter: true });
    await store.jumpToLatest();
    expect(seqs().at(-1)).toBe(301);
  });

  it("contains what was said while the page was on its way", async () => {
    const id = await open(200, 50);
    while (shown().items.length < 150) await store.loadAfter();
    const loading = store.loadAfter();
    server.model.send(id, "2", "Meanwhile");
    await server.deliver();
    await loading;
    expect(seqs()).toEqual(range(seqs()[0] ?? 0, 201));
  });
});

describe("events", () => {
  it("show what others say, edit, delete and react", async () => {
    const id = await open(3);
    const [first] = shown().items.map(({ message }) => message);
    if (first === undefined) throw new Error("nothing loaded");
    server.model.reply(id, "2", first, "An answer");
    server.model.react(id, first.id, "3", "👍", true);
    server.model.edit(id, 2, "Better");
    await server.deliver();
    expect(shown().items.map(({ message }) => message.content)).toEqual([
      "Message 1",
      "Better",
      "Message 3",
      "An answer",
    ]);
    expect(shown().items[0]?.message.reactions).toEqual([{ emoji: "👍", count: 1, people: ["3"] }]);
    expect(shown().items[3]?.message.reply_to?.content).toBe("Message 1");
    server.model.delete(id, first.id);
    await server.deliver();
    expect(shown().items[0]?.message).toMatchObject({ content: "", reactions: [] });
    expect(shown().items[3]?.message.reply_to).toMatchObject({ content: "", is_deleted: true });
  });

  it("leave the other items as they are, so that a list draws only what changed", async () => {
    const id = await open(5);
    const before = shown().items;
    server.model.react(id, 2, "3", "👍", true);
    await server.deliver();
    expect(shown().items.map((item, index) => item === before[index])).toEqual([true, false, true, true, true]);
  });

  it("put a divider before what came while nobody looked, until it is left", async () => {
    const id = await open(5);
    server.model.send(id, "2");
    server.model.send(id, "2");
    await server.deliver();
    expect(shown().divider).toBe(6);
    store.clearDivider();
    expect(shown().divider).toBeNull();
  });

  it("move the faces of those who read", async () => {
    const id = await open(5);
    server.model.read(id, "3", 4);
    await server.deliver();
    const faces = [...shown().readers].map(([seq, members]) => [seq, members.map(({ person }) => person.id)]);
    expect(faces).toEqual([
      [5, ["2"]],
      [4, ["3"]],
    ]);
  });

  it("that were missed come after a reconnect", async () => {
    const id = await open(5);
    server.last.closes(1006);
    server.model.send(id, "2");
    server.model.edit(id, 3, "Changed meanwhile");
    await reconnect();
    expect(seqs()).toEqual(range(1, 6));
    expect(shown().items[2]?.message.content).toBe("Changed meanwhile");
  });

  it("that are lost for good make it fetch the window again, where it stands", async () => {
    const id = await open(300);
    await store.jumpTo(100);
    const before = seqs();
    server.model.edit(id, 100, "Changed unheard");
    server.last.push({ type: "resync", topic: `conversation:${id}`, data: { reason: "trimmed" } });
    await settle();
    await settle();
    expect(seqs()).toEqual(before);
    expect(shown().items.find(({ message }) => message.seq === 100)?.message.content).toBe("Changed unheard");
    server.model.send(id, "2");
    await server.deliver();
    expect(shown().lastSeq).toBe(301);
  });

  it("keep a reader at the end there, after lost history too", async () => {
    const id = await open(60);
    for (let count = 0; count < 30; count += 1) server.model.send(id, "2");
    server.last.push({ type: "resync", topic: `conversation:${id}`, data: { reason: "trimmed" } });
    await settle();
    await settle();
    expect(seqs()).toEqual(range(11, 90));
    expect(shown().hasAfter).toBe(false);
  });
});

describe("reading", () => {
  it("is told once for many messages, and only forward", async () => {
    await open(20, 5);
    store.markRead(8);
    store.markRead(12);
    store.markRead(7);
    expect(shown()).toMatchObject({ readUpTo: 12, unread: 8 });
    await vi.advanceTimersByTimeAsync(300);
    expect(server.last.commands("conversation.read").map(({ data }) => data)).toEqual([{ conversation: 1, up_to: 12 }]);
    store.markRead(10);
    store.markRead(99);
    await vi.advanceTimersByTimeAsync(300);
    expect(server.last.commands("conversation.read").map(({ data }) => data.up_to)).toEqual([12, 20]);
    expect(shown()).toMatchObject({ readUpTo: 20, unread: 0, divider: 6 });
  });

  it("waits for the network, and then tells only the last mark", async () => {
    await open(20, 5);
    server.on("POST /conversations/1/read/", () => "network");
    server.last.closes(1006);
    store.markRead(8);
    await vi.advanceTimersByTimeAsync(400);
    store.markRead(15);
    await reconnect();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(server.model.mine(1, ME).read_up_to).toBe(15);
    expect(shown().readUpTo).toBe(15);
  });

  it("falls back where it is refused", async () => {
    await open(20, 5);
    server.refusals.set("conversation.read", { code: "forbidden", status: 403 });
    store.markRead(8);
    await vi.advanceTimersByTimeAsync(300);
    await settle();
    expect(shown().readUpTo).toBe(5);
  });
});
