/** The histories of conversations that Python wrote: its snapshot and its events must give its next snapshot. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { ConversationDetail, Entry, EventFrame, Position } from "../src/protocol.js";
import * as detail from "../src/reducers/conversation.js";
import * as list from "../src/reducers/conversations.js";
import * as messages from "../src/reducers/messages.js";

const FOLDER = fileURLToPath(new URL("../../../protocol/cases/", import.meta.url));

/** Somewhat after the histories, and before what is muted in them rings again. */
const NOW = Date.parse("2026-11-20T09:10:00Z");

interface Case {
  name: string;
  view: "list" | "detail" | "messages";
  /** Id of the reader. */
  me: string;
  snapshot: unknown;
  events: EventFrame[];
  expected: unknown;
}

const files = readdirSync(FOLDER).filter((name) => name.startsWith("conversations.") && name.endsWith(".json"));
const cases = files.sort().flatMap((name) => JSON.parse(readFileSync(`${FOLDER}${name}`, "utf8")) as Case[]);
const of = (view: Case["view"]) => cases.filter((one) => one.view === view).map((one) => [one.name, one] as const);

it("there are cases of every kind", () => {
  for (const view of ["list", "detail", "messages"] as const) expect(of(view).length).toBeGreaterThan(20);
});

describe("snapshot + events = snapshot", () => {
  it.each(of("list"))("%s", (_, { snapshot, events, expected }) => {
    const state = events.reduce(list.reduce, list.fromSnapshot(snapshot as list.ConversationsPage));
    const wanted = list.fromSnapshot(expected as list.ConversationsPage);
    // What came in above pushes the end of a page further down: compared is what both hold.
    const bounds = [state.floor, wanted.floor].filter((place) => place !== null);
    const reach = (items: readonly Entry[]) =>
      items.filter(({ activity }) => bounds.every((place) => activity >= place.activity));
    expect(reach(state.items)).toEqual(reach(wanted.items));
    expect(list.badgeOf(state, state.items, NOW)).toEqual(list.badgeOf(wanted, wanted.items, NOW));
    expectPosition(state.position, wanted.position, events);
    expect(events.reduce(list.reduce, state)).toEqual(state);
  });

  it.each(of("detail"))("%s", (_, { me, snapshot, events, expected }) => {
    const start = detail.fromSnapshot(snapshot as ConversationDetail, me);
    const shared = events.filter(({ topic }) => topic === `conversation:${start.conversation.id}`);
    const heard = (state: detail.ConversationState) =>
      events.reduce((now, event) => own(now, event), shared.reduce(detail.reduce, state));
    const state = heard(start);
    const wanted = detail.fromSnapshot(expected as ConversationDetail, me);
    // The version only says which of two states is the later, and grows without being told.
    expect({ ...state.conversation, version: 0 }).toEqual({ ...wanted.conversation, version: 0 });
    expect(state.members).toEqual(wanted.members);
    expect(state.mine).toEqual(wanted.mine);
    expectPosition(state.position, wanted.position, shared);
    expect(heard(state)).toEqual(state);
  });

  it.each(of("messages"))("%s", (_, { snapshot, events, expected }) => {
    const state = events.reduce(messages.reduce, messages.fromSnapshot(snapshot as messages.MessagesPage));
    const wanted = messages.fromSnapshot(expected as messages.MessagesPage);
    expect(state.isStale).toBe(false);
    expect(state).toEqual(wanted);
    expect(events.reduce(messages.reduce, state)).toEqual(state);
  });
});

/** What the reader's own topic says of a conversation, as its store takes it in. */
function own(state: detail.ConversationState, event: EventFrame): detail.ConversationState {
  if (event.type !== "conversation.touched") return state;
  const { entry } = event.data as { entry: Entry };
  return entry.conversation.id === state.conversation.id ? detail.own(state, entry.mine) : state;
}

/** Events of another kind on the same topic are not in a case: the snapshot may be further on than the last of them. */
function expectPosition(found: Position | null, wanted: Position | null, events: readonly EventFrame[]): void {
  expect(found?.epoch).toBe(wanted?.epoch);
  expect(found?.offset).toBeLessThanOrEqual(wanted?.offset ?? 0);
  expect(found?.offset).toBe(events.at(-1)?.offset ?? found?.offset);
}
