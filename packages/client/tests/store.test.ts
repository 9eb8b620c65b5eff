/** The store primitive. */
import { expect, it } from "vitest";
import { batch, Store } from "../src/index.js";

it("tells listeners of changes only, until they end", () => {
  const store = new Store({ a: 1, b: 2 });
  const seen: number[] = [];
  const end = store.subscribe(() => seen.push(store.getSnapshot().a));
  store.update({ a: 2 });
  store.set(store.getSnapshot());
  end();
  store.update({ a: 3 });
  expect(seen).toEqual([2]);
  expect(store.getSnapshot()).toEqual({ a: 3, b: 2 });
});

it("calls the same function once a subscription", () => {
  const store = new Store(0);
  let calls = 0;
  const listener = () => {
    calls += 1;
  };
  const ends = [store.subscribe(listener), store.subscribe(listener)];
  store.set(1);
  ends[0]?.();
  store.set(2);
  expect(calls).toBe(3);
});

it("tells once a batch, also when batches nest, throw, or listeners change more", () => {
  const first = new Store(0);
  const second = new Store(0);
  const calls: string[] = [];
  first.subscribe(() => {
    calls.push(`first ${first.getSnapshot()}`);
    second.set(first.getSnapshot() * 10);
  });
  second.subscribe(() => calls.push(`second ${second.getSnapshot()}`));
  const work = () => {
    first.set(1);
    second.set(1);
    batch(() => first.set(2));
    throw new Error("late");
  };
  expect(() => batch(work)).toThrow("late");
  expect(calls).toEqual(["first 2", "second 20"]);
});
