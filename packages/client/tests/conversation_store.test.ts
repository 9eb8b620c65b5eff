/** One conversation: members and read marks, typing, looking, and what is written into its messages. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type CarillonClient,
  type ConversationStore,
  createClient,
  createConversationStore,
  createMessagesStore,
  type MessagesStore,
} from "../src/index.js";
import { person } from "./support/chat_model.js";
import { ChatServer, ME } from "./support/chat_server.js";
import { settle } from "./support/fake_server.js";

let server: ChatServer;
let client: CarillonClient;
let store: ConversationStore;
let messages: MessagesStore;
let id: number;
const ends: (() => void)[] = [];

beforeEach(async () => {
  vi.useFakeTimers();
  server = new ChatServer();
  id = server.open(["2", "3"], 4);
  client = createClient(server.options({ getToken: () => "a.b.c" }));
  client.connection.start();
  await settle();
  await server.greets();
  store = createConversationStore(client, id);
  messages = createMessagesStore(client, id);
  ends.push(
    store.subscribe(() => {}),
    messages.subscribe(() => {}),
  );
  await settle();
});

afterEach(() => {
  for (const end of ends.splice(0)) end();
  client.destroy();
  vi.useRealTimers();
});

const shown = () => store.getSnapshot();
const message = (seq: number) => messages.getSnapshot().items.find((item) => item.message.seq === seq);
const topic = () => `conversation:${id}`;
const types = (who: string, isTyping: boolean) =>
  server.say(topic(), "typing.changed", { conversation: id, person: person(who), is_typing: isTyping });
const typing = () => shown().typing.map((one) => one.id);

async function reconnect(): Promise<void> {
  server.last.closes(1006);
  await vi.advanceTimersByTimeAsync(1_000);
  await server.greets();
  await settle();
}

describe("members", () => {
  it("come, go, change and read", async () => {
    expect(shown()).toMatchObject({
      status: "ready",
      conversation: { id, member_count: 3 },
      mine: { role: "owner", unread: 4 },
    });
    server.model.join(id, "4");
    server.model.leave(id, "3");
    server.model.setRole(id, "2", "admin");
    server.model.rename(id, "Renamed");
    await server.deliver();
    expect(shown().members.map((member) => [member.person.id, member.role])).toEqual([
      ["1", "owner"],
      ["2", "admin"],
      ["4", "member"],
    ]);
    expect(shown().conversation?.title).toBe("Renamed");
    expect(store.readersOf({ seq: 4, sender: person("2") }).map((member) => member.person.id)).toEqual(["4"]);
  });

  it("end it for the reader who is removed, and bring it back", async () => {
    server.model.leave(id, ME);
    server.last.push({
      type: "error",
      ref: null,
      data: { error: "No.", code: "forbidden", fatal: false, topic: topic() },
    });
    await settle();
    expect(shown()).toMatchObject({ status: "gone", conversation: null });
    expect(messages.getSnapshot().status).toBe("gone");
    server.model.join(id, ME);
    await server.deliver();
    await settle();
    expect(shown().status).toBe("ready");
  });
});

describe("typing of others", () => {
  it("shows until six seconds after the last word of it", async () => {
    types("2", true);
    types("3", true);
    expect(typing()).toEqual(["2", "3"]);
    await vi.advanceTimersByTimeAsync(4_000);
    types("2", true);
    await vi.advanceTimersByTimeAsync(2_500);
    expect(typing()).toEqual(["2"]);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(typing()).toEqual([]);
  });

  it("ends with a word, with the message, and with leaving; one's own is not shown", async () => {
    types(ME, true);
    expect(typing()).toEqual([]);
    types("2", true);
    types("2", false);
    expect(typing()).toEqual([]);
    types("2", true);
    types("3", true);
    server.model.send(id, "2");
    await server.deliver();
    expect(typing()).toEqual(["3"]);
    server.model.leave(id, "3");
    await server.deliver();
    expect(typing()).toEqual([]);
  });
});

describe("own typing", () => {
  const told = () => server.last.commands("typing.set").map(({ data }) => data.is_typing);

  it("is told at most once in two seconds, and its end once", async () => {
    for (let count = 0; count < 10; count += 1) {
      store.setTyping(true);
      await vi.advanceTimersByTimeAsync(300);
    }
    expect(told()).toEqual([true, true]);
    store.setTyping(false);
    store.setTyping(false);
    store.setTyping(true);
    expect(told()).toEqual([true, true, false]);
    await vi.advanceTimersByTimeAsync(2_000);
    store.setTyping(true);
    expect(told()).toEqual([true, true, false, true]);
  });

  it("ends when the message is sent", async () => {
    store.setTyping(true);
    messages.send("Done");
    expect(told()).toEqual([true, false]);
  });
});

describe("looking", () => {
  const told = () => server.last.commands("conversation.look").map(({ data }) => data.conversation);

  it("is told once, the last one counts, and again after a reconnect", async () => {
    const other = server.open(["2"]);
    const ends = [store.look(), store.look()];
    await settle();
    expect(shown().isLookedAt).toBe(true);
    const away = createConversationStore(client, other).look();
    await settle();
    away();
    await settle();
    expect(told()).toEqual([id, other, id]);
    await reconnect();
    expect(told()).toEqual([id]);
    for (const end of ends) end();
    await settle();
    expect(told()).toEqual([id, null]);
    expect(shown().isLookedAt).toBe(false);
  });

  it("keeps messages that come from being new", async () => {
    messages.markRead();
    messages.clearDivider();
    store.look();
    server.model.send(id, "2");
    await server.deliver();
    expect(messages.getSnapshot().divider).toBeNull();
  });
});

describe("edits, deletions and reactions", () => {
  it("show at once, settle silently and can be taken back", async () => {
    const handle = messages.edit(2, " Better ");
    expect(message(2)).toMatchObject({ isChanging: true, message: { content: "Better" } });
    await handle.done;
    await server.deliver();
    expect(message(2)).toMatchObject({ isChanging: false, message: { content: "Better" } });
    await handle.undo();
    await server.deliver();
    expect(message(2)?.message.content).toBe("Message 2");
  });

  it("toggle a reaction", async () => {
    const on = messages.react(1, "👍");
    expect(message(1)?.message.reactions).toEqual([{ emoji: "👍", count: 1, people: [ME] }]);
    await on.done;
    await server.deliver();
    messages.react(1, "👍");
    expect(message(1)?.message.reactions).toEqual([]);
    await settle();
    await server.deliver();
    expect(server.model.row(id).messages[0]?.reactions).toEqual([]);
    expect(message(1)?.isChanging).toBe(false);
  });

  it("do not flicker when somebody else's event comes between the answer and their own", async () => {
    server.model.react(id, 1, "2", "👍", true);
    messages.react(1, "👍", true);
    await settle();
    const seen: string[][] = [];
    const end = messages.subscribe(() =>
      seen.push(message(1)?.message.reactions.flatMap(({ people }) => people) ?? []),
    );
    await server.deliver();
    end();
    expect(seen.every((people) => people.includes(ME))).toBe(true);
    expect(message(1)?.message.reactions).toEqual([{ emoji: "👍", count: 2, people: ["2", ME] }]);
  });

  it("blank what quotes a deleted message, and can be held", async () => {
    const first = message(1)?.message;
    if (first === undefined) throw new Error("nothing loaded");
    server.model.reply(id, "2", first);
    await server.deliver();
    const handle = messages.remove(1, { holdFor: 6_000 });
    expect(message(1)?.message).toMatchObject({ content: "", deleted_at: expect.any(String) });
    expect(message(5)?.message.reply_to).toMatchObject({ content: "", is_deleted: true });
    await handle.undo();
    expect(message(1)?.message.content).toBe("Message 1");
    expect(message(5)?.message.reply_to?.content).toBe("Message 1");
  });

  it("are put back with a sentence when refused", async () => {
    server.refusals.set("message.edit", { code: "forbidden", status: 403 });
    await expect(messages.edit(2, "Nope").done).rejects.toMatchObject({ code: "forbidden" });
    expect(message(2)?.message.content).toBe("Message 2");
    expect(messages.getSnapshot().failure).toMatchObject({ action: "edit", message: 2, conversation: id });
  });

  it("survive a lost connection, once and in order", async () => {
    server.silent.add("message.edit");
    messages.edit(2, "First");
    messages.edit(2, "Second");
    await settle();
    server.silent.clear();
    await reconnect();
    await vi.advanceTimersByTimeAsync(5_000);
    await server.deliver();
    expect(message(2)?.message.content).toBe("Second");
    expect(server.model.events.get(topic())?.filter(({ type }) => type === "message.edited")).toHaveLength(2);
  });
});

it("writes of members name the conversation", async () => {
  store.addMembers(["7"]);
  store.removeMember("3");
  store.setRole("2", "admin");
  store.update({ title: "New title" });
  expect(shown()).toMatchObject({ conversation: { title: "New title" }, members: [{}, { role: "admin" }] });
  await settle();
  const commands = ["member.add", "member.remove", "member.set_role", "conversation.update"];
  expect(commands.map((name) => server.last.commands(name)[0]?.data)).toEqual([
    { conversation: id, people: ["7"] },
    { conversation: id, person: "3" },
    { conversation: id, person: "2", role: "admin" },
    { conversation: id, title: "New title" },
  ]);
});
