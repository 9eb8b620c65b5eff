/** Counters shown ahead: what the reader's own writes make of the server's rows, whatever others do at the same time. */
import { expect, it } from "vitest";
import type { Notification } from "../src/protocol.js";
import { overlayInbox } from "../src/reducers/counters.js";
import { fromSnapshot, reduce } from "../src/reducers/notifications.js";
import type { PendingWrite } from "../src/reducers/pending.js";
import { Ledger } from "../src/stores/ledger.js";
import { ModelInbox } from "./support/model.js";
import { type Chance, seeded } from "./support/seeded.js";

const ITEM_ACTIONS = ["read", "unread", "archive", "unarchive", "snooze", "unsnooze", "delete"] as const;
const RANGE_ACTIONS = ["read_all", "seen", "clear_read"] as const;
const UNTIL = "2026-12-01T08:00:00.000Z";

/** The server's own rules, as another device would call for them. */
function carryOut(model: ModelInbox, { action, ids, upTo }: Pick<PendingWrite, "action" | "ids" | "upTo">): void {
  const moves: Partial<Record<PendingWrite["action"], () => unknown>> = {
    read: () => model.read(ids),
    unread: () => model.unread(ids),
    archive: () => model.archive(ids),
    unarchive: () => model.unarchive(ids),
    snooze: () => model.snooze(ids),
    unsnooze: () => model.change(ids, () => ({ snoozed_until: null })),
    delete: () => model.delete(ids),
    read_all: () => model.readAll(upTo),
    seen: () => model.seen(upTo),
    clear_read: () => model.clear(upTo),
  };
  moves[action]?.();
}

function anyWrite(rows: readonly Notification[], lastNumber: number, chance: Chance): PendingWrite {
  const isRange = chance.next() < 0.25;
  const items = rows.filter(() => chance.next() < 0.2);
  const action = isRange ? chance.pick(RANGE_ACTIONS) : chance.pick(ITEM_ACTIONS);
  return {
    ref: "w",
    action,
    items: isRange ? [] : items,
    ids: isRange ? [] : items.map(({ id }) => id),
    upTo: isRange ? lastNumber : 0,
    at: "2026-11-21T10:00:00.000Z",
    until: action === "snooze" ? UNTIL : null,
    gain: null,
    position: null,
    version: null,
  };
}

function clone(model: ModelInbox): ModelInbox {
  const copy = new ModelInbox();
  copy.rows = model.rows.map((row) => ({ ...row }));
  copy.lastNumber = model.lastNumber;
  return copy;
}

it.each(Array.from({ length: 150 }, (_, seed) => seed))("history %i", (seed) => {
  const chance = seeded(seed);
  const model = new ModelInbox();
  for (let count = 0; count < 12; count += 1) model.create();
  let state = fromSnapshot(model.page("inbox"));
  const ledger = new Ledger();
  ledger.begin(state, state.inbox.version);
  const writes: PendingWrite[] = [];
  for (let step = 0; step < 40; step += 1) {
    if (chance.next() < 0.1 && writes.length < 5) writes.push(anyWrite(state.items, model.lastNumber, chance));
    const told = model.events.length;
    if (chance.next() < 0.4) model.create();
    else carryOut(model, anyWrite(model.rows, model.lastNumber, chance));
    for (const event of model.events.slice(told)) {
      state = reduce(state, event);
      ledger.observe(event);
    }
    const expected = clone(model);
    for (const write of writes) carryOut(expected, write);
    const { unread, unseen } = overlayInbox(state.inbox, ledger, writes);
    expect({ unread, unseen }).toEqual({ unread: expected.inbox.unread, unseen: expected.inbox.unseen });
  }
});
