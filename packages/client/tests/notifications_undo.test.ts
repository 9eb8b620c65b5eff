/** What a person takes back. */
import { describe, expect, it, vi } from "vitest";
import { settle } from "./support/fake_server.js";
import { expectSettled, item, numbers, read, server, shown, store, withOpenedInbox } from "./support/opened_inbox.js";

withOpenedInbox(5);

describe("undo", () => {
  it("takes back mark all, exactly for those that were unread", async () => {
    await store.markRead([item(1).id]).done;
    const handle = store.markAllRead();
    await handle.done;
    expect(shown().inbox.unread).toBe(0);
    const undone = handle.undo();
    await settle();
    expect(read()).toEqual([false, false, false, false, true]);
    await undone;
    expectSettled();
  });

  it("takes back archiving, with what was unread", async () => {
    await store.markRead([item(4).id]).done;
    const handle = store.archive([item(5).id, item(4).id]);
    await handle.done;
    expect(numbers()).toEqual([3, 2, 1]);
    expect(shown().inbox.unread).toBe(3);
    await handle.undo();
    expectSettled();
    expect(numbers()).toEqual([5, 4, 3, 2, 1]);
    expect(shown().inbox.unread).toBe(4);
  });

  it.each([
    ["markRead", () => store.markRead([item(5).id])],
    ["snooze", () => store.snooze([item(5).id], "2026-12-01T08:00:00Z")],
  ])("takes back %s", async (_, act) => {
    const before = shown().items.map(({ id, is_read, snoozed_until }) => [id, is_read, snoozed_until]);
    const handle = act();
    await handle.done;
    await handle.undo();
    expectSettled();
    expect(shown().items.map(({ id, is_read, snoozed_until }) => [id, is_read, snoozed_until])).toEqual(before);
  });

  it("of a held delete sends nothing at all", async () => {
    const handle = store.remove([item(5).id], { holdFor: 6_000 });
    expect(numbers()).toEqual([4, 3, 2, 1]);
    await vi.advanceTimersByTimeAsync(5_900);
    expect(handle.canUndo).toBe(true);
    await handle.undo();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(server.last.commands("notification.delete")).toEqual([]);
    expectSettled();
    expect(shown().failure).toBeNull();
  });

  it("comes too late for a delete that was sent", async () => {
    const handle = store.remove([item(5).id], { holdFor: 6_000 });
    await vi.advanceTimersByTimeAsync(6_000);
    expect(handle.canUndo).toBe(false);
    await handle.undo();
    expectSettled();
    expect(numbers()).toEqual([4, 3, 2, 1]);
  });

  it("of something still queued behind a lost connection just forgets it", async () => {
    server.on("POST /notifications/batch/", () => "network");
    server.last.closes(1006);
    store.markRead([item(5).id]);
    const handle = store.archive([item(4).id]);
    await settle();
    await handle.undo();
    expect(numbers()).toEqual([5, 4, 3, 2, 1]);
  });
});
