/** Snapshot + events = snapshot for conversations: random histories, every list, window and detail, repeats included. */
import { expect, it } from "vitest";
import type { EventData, EventFrame } from "../src/protocol.js";
import * as details from "../src/reducers/conversation.js";
import * as lists from "../src/reducers/conversations.js";
import * as windows from "../src/reducers/messages.js";
import { ModelChat } from "./support/chat_model.js";
import { type Chance, seeded } from "./support/seeded.js";

const PEOPLE = ["1", "2", "3", "4", "5"];
const ME = "1";
const OWN = `user:${ME}`;
const TOPIC = "conversation:1";

function step(model: ModelChat, chance: Chance): void {
  const id = chance.pick([1, 1, 1, 2, 3]);
  const { members, messages, conversation } = model.row(id);
  const others = members.filter(({ person }) => person.id !== ME).map(({ person }) => person.id);
  const somebody = () => chance.pick(members).person.id;
  const message = () => (messages.length > 0 ? chance.pick(messages) : null);
  const moves: (() => void)[] = [
    () => model.send(id, somebody()),
    () => model.send(id, somebody(), "", { mentions: [{ person: chance.pick(["*", ...PEOPLE]), name: "n" }] }),
    () => model.send(id, ME, "", { kind: "text" }),
    () => message() && model.reply(id, somebody(), chance.pick(messages)),
    () => message() && model.edit(id, chance.pick(messages).id, `Edited ${chance.below(99)}`),
    () => message() && model.delete(id, chance.pick(messages).id),
    () =>
      message() &&
      model.react(id, chance.pick(messages).id, somebody(), chance.pick(["👍", "🎉"]), chance.below(2) > 0),
    () => model.read(id, somebody(), chance.below(conversation.last_seq + 1)),
    () => model.rename(id, `Title ${chance.below(99)}`),
    () => model.join(id, chance.pick(PEOPLE.slice(1))),
    () => others.length > 1 && model.leave(id, chance.pick(others)),
    () => model.setRole(id, somebody(), chance.pick(["admin", "member"] as const)),
    () => model.mute(id, ME, chance.pick([null, "2026-12-01T00:00:00.000Z"])),
  ];
  chance.pick(moves)();
}

const query = (values: Record<string, number>) =>
  new URLSearchParams(Object.entries(values).map(([name, value]) => [name, String(value)]));

/** The states of one reader: the list, the conversation, and two windows of its messages. */
function read(model: ModelChat, chance: Chance) {
  return {
    list: lists.fromSnapshot(model.list(ME, chance.pick([2, 100]))),
    detail: details.fromSnapshot(model.detail(1, ME), ME),
    windows: [query({ limit: 8 }), query({ around: 4, limit: 5 })].map((one) =>
      windows.fromSnapshot(model.messages(1, ME, one)),
    ),
    own: model.position(OWN).offset,
    topic: model.position(TOPIC).offset,
  };
}

/** Each event comes at least once, in order; old ones come again whenever chance wants it. */
function* replay(events: readonly EventFrame[], from: number, chance: Chance): Generator<EventFrame> {
  for (const [index, event] of events.entries()) {
    if (index >= from) yield event;
    if (chance.next() < 0.3) yield chance.pick(events.slice(0, Math.max(index, from, 1)));
  }
}

function expectList(list: lists.ConversationsState, model: ModelChat): void {
  const wanted = model.list(ME, 100);
  expect(list.position).toEqual(wanted.position);
  const floor = list.floor?.activity ?? 0;
  expect(list.items).toEqual(wanted.results.filter(({ activity }) => activity >= floor));
  const ringing = (wanted.unread ?? []).map(({ unread }) => unread);
  expect(lists.badgeOf(list, list.items, Date.parse("2026-11-30T00:00:00Z"))).toEqual({
    unread: ringing.length,
    unreadMessages: ringing.reduce((sum, unread) => sum + unread, 0),
  });
  let whole = list;
  while (whole.next !== null) whole = lists.appendPage(whole, model.list(ME, 1, whole.next), []);
  expect(whole.items).toEqual(wanted.results);
}

function expectDetail({ conversation, members, mine, position }: details.ConversationState, model: ModelChat): void {
  const wanted = model.detail(1, ME);
  // Messages raise the version without telling it.
  expect(conversation.version).toBeLessThanOrEqual(wanted.conversation.version);
  const told = { ...conversation, version: wanted.conversation.version };
  expect({ conversation: told, members, mine, position }).toEqual(wanted);
}

function expectWindow(window: windows.MessagesState, model: ModelChat): void {
  const all = model.messages(1, ME, query({ limit: 1_000 })).results;
  const first = window.items[0]?.seq ?? 0;
  const last = window.hasAfter ? (window.items.at(-1)?.seq ?? 0) : Number.POSITIVE_INFINITY;
  expect(window.isStale).toBe(false);
  expect(window.lastSeq).toBe(all.at(-1)?.seq ?? 0);
  expect(window.items).toEqual(all.filter(({ seq }) => seq >= first && seq <= last));
  // Pages on both sides complete it, whatever happened meanwhile.
  let whole = window;
  const page = (values: Record<string, number>) => model.messages(1, ME, query({ ...values, limit: 3 }));
  while (whole.hasBefore) whole = windows.prepend(whole, page({ before: whole.items[0]?.seq ?? 0 }), []);
  while (whole.hasAfter) whole = windows.append(whole, page({ after: whole.items.at(-1)?.seq ?? 0 }), []);
  expect(whole.items).toEqual(all);
  expect(whole.isStale).toBe(false);
}

it.each(Array.from({ length: 60 }, (_, seed) => seed))("history %i", (seed) => {
  const chance = seeded(seed);
  const model = new ModelChat();
  for (let id = 1; id <= 3; id += 1) model.create(PEOPLE.slice(0, 2 + chance.below(4)), { kind: "group" });
  for (let count = 0; count < 60; count += 1) step(model, chance);
  const state = read(model, chance);
  for (let count = 0; count < 60; count += 1) step(model, chance);

  for (const event of replay(model.events.get(OWN) ?? [], state.own, chance)) {
    state.list = lists.reduce(state.list, event);
  }
  for (const event of replay(model.events.get(TOPIC) ?? [], state.topic, chance)) {
    state.detail = details.reduce(state.detail, event);
    state.windows = state.windows.map((window) => windows.reduce(window, event));
  }
  // What only the reader's own topic tells of the conversation.
  for (const event of model.events.get(OWN) ?? []) {
    const { entry } = event.data as Partial<EventData["conversation.touched"]>;
    if (entry?.conversation.id === 1) state.detail = details.own(state.detail, entry.mine);
  }
  expectList(state.list, model);
  expectDetail(state.detail, model);
  for (const window of state.windows) expectWindow(window, model);
});
