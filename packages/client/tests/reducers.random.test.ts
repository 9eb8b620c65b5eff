/** Snapshot + events = snapshot, for random histories, every view, repeats and old events included. */
import { expect, it } from "vitest";
import { appendPage, fromSnapshot, type NotificationsState, reduce } from "../src/reducers/notifications.js";
import type { NotificationFilters, NotificationsView } from "../src/stores/contract.js";
import { ModelInbox } from "./support/model.js";
import { type Chance, seeded } from "./support/seeded.js";

const LISTS: { view: NotificationsView; filters: NotificationFilters }[] = [
  { view: "inbox", filters: {} },
  { view: "inbox", filters: { unread: true } },
  { view: "inbox", filters: { type: "email" } },
  { view: "archive", filters: {} },
  { view: "archive", filters: { severity: "error" } },
  { view: "snoozed", filters: {} },
];

function step(model: ModelInbox, chance: Chance, stamps: { upTo: number; readAt: string }[]): void {
  const some = () => model.rows.filter(() => chance.next() < 0.2).map(({ id }) => id);
  const bound = () => chance.below(model.lastNumber + 1);
  const snoozed = model.rows.find((row) => row.snoozed_until !== null);
  const moves: (() => void)[] = [
    () => model.create({ type: chance.pick(["message", "email"]), severity: chance.pick(["info", "error"]) }),
    () => model.create(),
    () => model.read(some()),
    () => model.unread(some()),
    () => model.archive(some()),
    () => model.unarchive(some()),
    () => model.snooze(some()),
    () => snoozed && model.wake(snoozed.id),
    () => model.delete(some().slice(0, 2)),
    () => {
      const { data } = model.readAll(bound());
      stamps.push({ upTo: data.up_to, readAt: data.read_at });
    },
    () => {
      const stamp = stamps.pop();
      if (stamp !== undefined) model.restore(stamp.upTo, stamp.readAt);
    },
    () => model.seen(bound()),
    () => model.clear(chance.below(4) === 0 ? bound() : 0),
  ];
  chance.pick(moves)();
}

function expectSame(state: NotificationsState, model: ModelInbox): void {
  expect(state.inbox).toEqual(model.inbox);
  expect(state.position).toEqual(model.position);
  if (state.isStale) return;
  const fresh = model.page(state.view, state.filters, 1_000).results;
  expect(state.items).toEqual(fresh.filter(({ number }) => number >= state.floor));
}

it.each(Array.from({ length: 60 }, (_, seed) => seed))("history %i", (seed) => {
  const chance = seeded(seed);
  const model = new ModelInbox();
  const stamps: { upTo: number; readAt: string }[] = [];
  for (let count = 0; count < 30; count += 1) step(model, chance, stamps);
  const limit = chance.pick([3, 100]);
  const states = LISTS.map(({ view, filters }) => fromSnapshot(model.page(view, filters, limit), { view, filters }));
  const start = model.events.length;
  for (let count = 0; count < 60; count += 1) step(model, chance, stamps);

  // Each event comes at least once, in order; old ones come again whenever chance wants it.
  for (let next = start; next < model.events.length; next += 1) {
    for (const [index, state] of states.entries()) {
      let after = reduce(state, model.events[next] as (typeof model.events)[number]);
      if (chance.next() < 0.3) after = reduce(after, chance.pick(model.events.slice(0, next + 1)));
      states[index] = after;
    }
  }
  for (const state of states) expectSame(state, model);

  // Older pages complete the list, whatever happened since their cursor was given.
  for (let state of states) {
    while (state.next !== null) state = appendPage(state, model.page(state.view, state.filters, 3, state.next), []);
    expectSame(state, model);
  }
});
