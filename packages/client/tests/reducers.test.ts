/** Each event on each kind of list. */
import { describe, expect, it } from "vitest";
import {
  appendPage,
  emptyState,
  fromSnapshot,
  type NotificationsState,
  reduce,
} from "../src/reducers/notifications.js";
import { event, inbox, notification, page } from "./support/fixtures.js";

const numbers = (state: NotificationsState) => state.items.map((item) => item.number);
const READ_AT = "2026-11-21T11:00:00.000Z";

describe("notification.created", () => {
  it("enters at the top, with counters and position", () => {
    const state = fromSnapshot(page([3, 2, 1]));
    const after = reduce(
      state,
      event("notification.created", 11, { notification: notification(4), inbox: inbox(4, 11) }),
    );
    expect(numbers(after)).toEqual([4, 3, 2, 1]);
    expect(after.inbox).toEqual(inbox(4, 11));
    expect(after.position).toEqual({ epoch: "e1", offset: 11 });
  });

  it("replaces the same id under its new number when a snooze ends", () => {
    const state = fromSnapshot(page([3, 2, 1]));
    const again = notification(9, { id: notification(1).id });
    const after = reduce(state, event("notification.created", 11, { notification: again, inbox: inbox(3, 11) }));
    expect(numbers(after)).toEqual([9, 3, 2]);
    const snoozed = fromSnapshot(page([], { results: [notification(1, { snoozed_until: "2026-12-01T08:00:00Z" })] }), {
      view: "snoozed",
    });
    expect(
      reduce(snoozed, event("notification.created", 11, { notification: again, inbox: inbox(3, 11) })).items,
    ).toEqual([]);
  });

  it.each([
    [{ unread: true }, {}, true],
    [{ unread: false }, {}, false],
    [{ unread: true }, { is_read: true }, false],
    [{ type: "email" }, {}, false],
    [{ type: "message", severity: "info" }, {}, true],
    [{ kind: "new_message" }, { kind: "new_message" }, true],
    [{ kind: "new_message" }, { kind: "digest" }, false],
    [{ severity: "error" }, {}, false],
    [{ q: " RÉUNION " }, { message: "La réunion de lundi" }, true],
    [{ q: "mardi" }, { message: "La réunion de lundi" }, false],
  ])("with filters %j and %j: enters %s", (filters, change, enters) => {
    const state = fromSnapshot(page([]), { filters });
    const created = { notification: notification(4, change), inbox: inbox(1, 11) };
    expect(reduce(state, event("notification.created", 11, created)).items).toHaveLength(enters ? 1 : 0);
  });
});

describe("notification.updated", () => {
  const archived = notification(2, { is_archived: true, is_read: true, is_seen: true, read_at: READ_AT });
  const update = event("notification.updated", 11, { notifications: [archived], inbox: inbox(2, 11) });

  it("takes an item from the view it left and puts it into the one it joined", () => {
    expect(numbers(reduce(fromSnapshot(page([3, 2, 1])), update))).toEqual([3, 1]);
    expect(reduce(fromSnapshot(page([]), { view: "archive" }), update).items).toEqual([archived]);
    expect(reduce(fromSnapshot(page([]), { view: "snoozed" }), update).items).toEqual([]);
  });

  it("enters only as far down as pages are loaded", () => {
    const unarchived = (number: number) =>
      event("notification.updated", 11, { notifications: [notification(number)], inbox: inbox(2, 11) });
    const state = fromSnapshot(page([9, 8, 7], { next: "c" }));
    expect(numbers(reduce(state, unarchived(5)))).toEqual([9, 8, 7]);
    expect(numbers(reduce(fromSnapshot(page([9, 7], { next: "c" })), unarchived(8)))).toEqual([9, 8, 7]);
    expect(numbers(reduce(fromSnapshot(page([9, 8, 7])), unarchived(5)))).toEqual([9, 8, 7, 5]);
  });

  it("keeps the reach of the loaded pages when their last item leaves", () => {
    const state = fromSnapshot(page([9, 8], { next: "c" }));
    const gone = event("notification.deleted", 11, { ids: state.items.map(({ id }) => id), inbox: inbox(0, 11) });
    const back = event("notification.updated", 12, {
      notifications: [notification(8), notification(3)],
      inbox: inbox(1, 12),
    });
    expect(numbers([gone, back].reduce(reduce, state))).toEqual([8]);
  });

  it("replaces whole items", () => {
    const edited = notification(2, { title: "Other", is_read: true });
    const event11 = event("notification.updated", 11, { notifications: [edited], inbox: inbox(2, 11) });
    const state = fromSnapshot(page([3, 2, 1]));
    expect(reduce(state, event11).items[1]).toEqual(edited);
    const unread = fromSnapshot(page([3, 2, 1]), { filters: { unread: true } });
    expect(numbers(reduce(unread, event11))).toEqual([3, 1]);
  });
});

it("notification.deleted removes, and ignores ids that are not here", () => {
  const ids = [notification(2).id, notification(77).id];
  const after = reduce(fromSnapshot(page([3, 2, 1])), event("notification.deleted", 11, { ids, inbox: inbox(2, 11) }));
  expect(numbers(after)).toEqual([3, 1]);
});

describe("ranges", () => {
  const allRead = event("notification.all_read", 11, { up_to: 2, read_at: READ_AT, inbox: inbox(1, 11) });

  it("notification.all_read reads and sees up to its bound, and keeps earlier read times", () => {
    const before = notification(1, { is_read: true, read_at: "2026-11-20T08:00:00.000Z" });
    const results = [notification(3), notification(2), before];
    const after = reduce(fromSnapshot(page([3, 2, 1], { results })), allRead);
    expect(after.items.map(({ is_read, is_seen, read_at }) => [is_read, is_seen, read_at])).toEqual([
      [false, false, null],
      [true, true, READ_AT],
      [true, false, "2026-11-20T08:00:00.000Z"],
    ]);
    expect(numbers(reduce(fromSnapshot(page([3, 2, 1]), { filters: { unread: true } }), allRead))).toEqual([3]);
  });

  it("notification.all_read leaves archived and snoozed ones alone", () => {
    const snoozed = [notification(1, { snoozed_until: "2026-12-01T08:00:00Z" })];
    const state = fromSnapshot(page([], { results: snoozed }), { view: "snoozed" });
    expect(reduce(state, allRead).items).toEqual(snoozed);
  });

  it("notification.read_restored undoes exactly one all_read", () => {
    const earlier = notification(1, { is_read: true, is_seen: true, read_at: "2026-11-20T08:00:00.000Z" });
    const state = reduce(fromSnapshot(page([2, 1], { results: [notification(2), earlier] })), allRead);
    const undo = event("notification.read_restored", 12, { up_to: 2, read_at: READ_AT, inbox: inbox(1, 12) });
    expect(reduce(state, undo).items.map(({ is_read }) => is_read)).toEqual([false, true]);
    expect(reduce(state, undo).isStale).toBe(false);
  });

  it("notification.read_restored asks a list of unread ones for a fresh snapshot", () => {
    const undo = event("notification.read_restored", 12, { up_to: 2, read_at: READ_AT, inbox: inbox(2, 12) });
    const state = fromSnapshot(page([]), { filters: { unread: true } });
    expect(reduce(state, undo).isStale).toBe(true);
  });

  it("notification.all_seen sees up to its bound", () => {
    const seen = event("notification.all_seen", 11, { up_to: 2, inbox: inbox(3, 11, { unseen: 1 }) });
    expect(reduce(fromSnapshot(page([3, 2, 1])), seen).items.map(({ is_seen }) => is_seen)).toEqual([
      false,
      true,
      true,
    ]);
  });

  it("notification.read_cleared removes what is read up to its bound, in the archive too", () => {
    const read = (number: number, more = {}) => notification(number, { is_read: true, ...more });
    const clear = event("notification.read_cleared", 11, { up_to: 2, inbox: inbox(1, 11) });
    const state = fromSnapshot(page([], { results: [read(3), read(2), notification(1)] }));
    expect(numbers(reduce(state, clear))).toEqual([3, 1]);
    const archive = fromSnapshot(page([], { results: [read(2, { is_archived: true })] }), { view: "archive" });
    expect(reduce(archive, clear).items).toEqual([]);
  });
});

describe("counters and positions", () => {
  it("keep the counters with the highest version, whatever comes later", () => {
    const state = fromSnapshot(page([1], { inbox: inbox(5, 20) }));
    const old = event("inbox.corrected", 11, { inbox: inbox(9, 19) });
    expect(reduce(state, old).inbox).toEqual(inbox(5, 20));
    expect(reduce(state, event("inbox.corrected", 12, { inbox: inbox(2, 21) })).inbox).toEqual(inbox(2, 21));
  });

  it("ignore what the snapshot contains", () => {
    const state = fromSnapshot(page([3, 2, 1]));
    for (const offset of [1, 9, 10]) {
      const ids = [notification(3).id];
      expect(reduce(state, event("notification.deleted", offset, { ids, inbox: inbox(0, 99) }))).toBe(state);
    }
  });

  it("move with events of other kinds, and with unknown ones", () => {
    const state = fromSnapshot(page([1]));
    const other = { type: "thing.happened", topic: "user:1", epoch: "e1", offset: 11, at: "", data: {} };
    expect(reduce(state, other)).toEqual({ ...state, position: { epoch: "e1", offset: 11 } });
    const ephemeral = { type: "typing", topic: "user:1", at: "", data: {} };
    expect(reduce(state, ephemeral)).toBe(state);
  });
});

describe("appendPage", () => {
  it("adds older items with what happened while the page was on its way", () => {
    const state = fromSnapshot(page([9, 8], { next: "c1" }));
    const ids = [notification(7).id, notification(9).id];
    const gone = event("notification.deleted", 11, { ids, inbox: inbox(3, 11) });
    const current = reduce(state, gone);
    const after = appendPage(current, page([7, 6], { next: "c2" }), [gone]);
    expect(numbers(after)).toEqual([8, 6]);
    expect(after).toMatchObject({ next: "c2", floor: 6, position: { offset: 11 }, inbox: { version: 11 } });
  });

  it("does not repeat what is here already", () => {
    const state = fromSnapshot(page([9, 8], { next: "c1" }));
    expect(numbers(appendPage(state, page([8, 7]), []))).toEqual([9, 8, 7]);
  });
});

it("begins empty", () => {
  expect(emptyState()).toMatchObject({ view: "inbox", items: [], position: null, inbox: { unread: 0, version: -1 } });
});
