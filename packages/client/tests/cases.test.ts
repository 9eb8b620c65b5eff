/** The histories that Python wrote: its snapshot and its events must give its next snapshot. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { EventFrame } from "../src/protocol.js";
import { fromSnapshot, type NotificationsPage, reduce, type ViewOptions } from "../src/reducers/notifications.js";

const FOLDER = fileURLToPath(new URL("../../../protocol/cases/", import.meta.url));

interface Case extends ViewOptions {
  name: string;
  snapshot: NotificationsPage;
  events: EventFrame[];
  expected: NotificationsPage;
}

function readCases(): Case[] {
  if (!existsSync(FOLDER)) return [];
  const files = readdirSync(FOLDER).filter((name) => name.startsWith("notifications.") && name.endsWith(".json"));
  return files.sort().flatMap((name) => JSON.parse(readFileSync(`${FOLDER}${name}`, "utf8")) as Case | Case[]);
}

const cases = readCases();

it("there are cases to replay", () => {
  expect(cases.length, `no case in ${FOLDER}: Python writes them`).toBeGreaterThan(0);
});

describe("snapshot + events = snapshot", () => {
  it.each(cases.map((one) => [one.name, one] as const))("%s", (_, { snapshot, events, expected, ...options }) => {
    const state = events.reduce(reduce, fromSnapshot(snapshot, options));
    const wanted = fromSnapshot(expected, options);
    expect(state.inbox).toEqual(wanted.inbox);
    expect(state.position).toEqual(wanted.position);
    // A stale list is fetched anew by the store, so that there is nothing of its own left to compare.
    if (state.isStale) return;
    const floor = Math.max(state.floor, wanted.floor);
    const reach = <Item extends { number: number }>(items: readonly Item[]) =>
      items.filter((one) => one.number >= floor);
    expect(reach(state.items)).toEqual(reach(wanted.items));
    // Whoever reads it twice (at-least-once delivery) sees the same.
    expect(events.reduce(reduce, state)).toEqual(state);
  });
});
