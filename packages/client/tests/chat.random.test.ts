/** Chance against the stores: lost sockets, lost answers, resyncs, jumps and other people; in the end all agree. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import {
  type CarillonClient,
  type ConversationsStore,
  createClient,
  createConversationStore,
  createConversationsStore,
  createMessagesStore,
  type MessagesStore,
} from "../src/index.js";
import { ChatServer, ME } from "./support/chat_server.js";
import { settle } from "./support/fake_server.js";
import { type Chance, seeded } from "./support/seeded.js";

let server: ChatServer;
let client: CarillonClient;
let list: ConversationsStore;
let messages: MessagesStore;
let id: number;
let ends: (() => void)[];
let words: string[];

beforeEach(() => {
  vi.useFakeTimers();
  server = new ChatServer();
  server.open(["3"], 2);
  id = server.open(["2", "3"], 90);
  client = createClient(server.options({ getToken: () => "a.b.c" }));
  list = createConversationsStore(client);
  messages = createMessagesStore(client, id);
  ends = [list.subscribe(() => {}), messages.subscribe(() => {})];
  words = [];
});

afterEach(() => {
  for (const end of ends) end();
  client.destroy();
  vi.useRealTimers();
});

const isOpen = () => client.connection.state.getSnapshot().status === "open";

async function greet(): Promise<void> {
  for (let tries = 0; !isOpen() && tries < 20; tries += 1) {
    if (client.connection.state.getSnapshot().status === "stopped") client.connection.retry();
    if (server.last.readyState === 3) await vi.advanceTimersByTimeAsync(31_000);
    else await server.greets();
  }
}

function send(): void {
  words.push(`Mine ${words.length}`);
  messages.send(words.at(-1) ?? "");
}

async function step(chance: Chance): Promise<void> {
  const { model } = server;
  const rows = model.row(id).messages;
  const others = () => chance.pick(["2", "3"]);
  const shown = messages.getSnapshot().items.filter(({ delivery }) => delivery === "sent");
  const own = shown.filter(({ isMine, message }) => isMine && message.deleted_at === null);
  const moves: (() => unknown)[] = [
    send,
    send,
    () => model.send(id, others()),
    () => model.send(1, "3"),
    () => model.edit(id, chance.pick(rows).id, `Edited ${chance.below(99)}`),
    () => model.delete(id, chance.pick(rows).id),
    () => model.read(id, others(), chance.below(rows.length)),
    () => shown.length > 0 && messages.react(chance.pick(shown).message.id, "👍"),
    () => own.length > 0 && messages.edit(chance.pick(own).message.id, "Edited by me"),
    () => messages.markRead(chance.below(rows.length)),
    () => messages.jumpTo(chance.below(rows.length) + 1),
    () => messages.jumpToLatest(),
    () => messages.loadBefore(),
    () => messages.loadAfter(),
    () => isOpen() && server.deliver(),
    () => isOpen() && server.deliver(),
    () => isOpen() && server.last.push({ type: "resync", topic: `conversation:${id}`, data: { reason: "trimmed" } }),
    () => isOpen() && server.last.closes(1006),
    greet,
    () => server.silent.add(chance.pick(["message.send", "message.edit", "message.react", "conversation.read"])),
    () => server.silent.clear(),
    () => vi.advanceTimersByTimeAsync(chance.below(5_000)),
  ];
  void chance.pick(moves)();
  if (chance.below(2) === 0) await settle();
}

/** Everything that waits for an answer or the network gets it. */
async function calm(): Promise<void> {
  server.silent.clear();
  if (isOpen()) server.last.closes(1006);
  for (let round = 0; round < 12; round += 1) {
    await greet();
    await settle();
    await server.deliver();
    await vi.advanceTimersByTimeAsync(2_000);
  }
  await messages.jumpToLatest();
  while (messages.getSnapshot().hasBefore) await messages.loadBefore();
}

it.each(Array.from({ length: 25 }, (_, seed) => seed))("history %i", async (seed) => {
  const chance = seeded(seed);
  client.connection.start();
  await settle();
  await greet();
  for (let count = 0; count < 80; count += 1) await step(chance);
  await calm();

  const rows = server.model.row(id).messages;
  const own = rows.filter(({ sender }) => sender?.id === ME);
  // Each once, in the order in which they were written, whatever was lost on the way.
  expect(own.map(({ client_id }) => client_id)).toEqual([...new Set(own.map(({ client_id }) => client_id))]);
  expect(own).toHaveLength(words.length);
  const untouched = own.filter(({ edited_at, deleted_at }) => edited_at === null && deleted_at === null);
  const said = untouched.map(({ content }) => content);
  expect(said).toEqual(words.filter((word) => said.includes(word)));

  const { items, unsent } = messages.getSnapshot();
  expect(unsent).toEqual([]);
  expect(items.map(({ message }) => message)).toEqual(rows);
  expect(items.some(({ isChanging }) => isChanging)).toBe(false);
  const detail = createConversationStore(client, id).getSnapshot();
  expect(detail.members).toEqual(server.model.row(id).members);
  expect(detail.mine).toEqual(server.model.mine(id, ME));
  expect(list.getSnapshot().items).toEqual(server.model.list(ME).results);
});
