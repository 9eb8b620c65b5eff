/** Presence: one watch for all who ask, told again after a reconnect, unknown without a connection. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import {
  type CarillonClient,
  createClient,
  createPresenceStore,
  type Presence,
  type PresenceStore,
} from "../src/index.js";
import { FakeServer, settle } from "./support/fake_server.js";

let server: FakeServer;
let client: CarillonClient;
let store: PresenceStore;

beforeEach(async () => {
  vi.useFakeTimers();
  server = new FakeServer();
  server.answers["presence.watch"] = ({ data }) => ({
    people: (data.people as string[]).map((id) => presence(id, "offline")),
  });
  server.answers["presence.set"] = () => ({});
  client = createClient(server.options({ getToken: () => "a.b.c" }));
  client.connection.start();
  await settle();
  server.last.greets();
  await settle();
  store = createPresenceStore(client);
});

afterEach(() => {
  client.destroy();
  vi.useRealTimers();
});

function presence(id: string, state: Presence["state"]): Presence {
  return { id, state, last_seen: null };
}

const watched = () => server.last.commands("presence.watch").map(({ data }) => data);
const states = () => Object.fromEntries([...store.getSnapshot()].map(([id, { state }]) => [id, state]));
const changes = (...people: Presence[]) =>
  server.last.push({
    type: "presence.changed",
    topic: "presence:k1",
    at: "2026-11-21T10:00:00.000Z",
    data: { people },
  });

async function pause(): Promise<void> {
  await vi.advanceTimersByTimeAsync(200);
  await settle();
}

it("tells the server one set for many who ask, and only when it changes", async () => {
  const ends = [store.watch({ people: ["2", "3"] }), store.watch({ people: ["3"], conversations: [7] })];
  await pause();
  expect(watched()).toEqual([{ people: ["3", "2"], conversations: [7] }]);
  ends[0]?.();
  ends[0]?.();
  store.watch({ people: ["3"] });
  await pause();
  expect(watched().slice(1)).toEqual([{ people: ["3"], conversations: [7] }]);
  store.watch({ people: ["3"], conversations: [7] })();
  await pause();
  expect(watched()).toHaveLength(2);
});

it("knows what it was answered, and what changed since", async () => {
  store.watch({ people: ["2", "3"] });
  await pause();
  expect(states()).toEqual({ "2": "offline", "3": "offline" });
  changes(presence("3", "online"), presence("2", "away"));
  expect(states()).toEqual({ "2": "away", "3": "online" });
});

it("knows nobody without a connection, and asks again with the next", async () => {
  store.watch({ people: ["2"] });
  store.report("away");
  store.report("away");
  await pause();
  expect(server.last.commands("presence.set").map(({ data }) => data)).toEqual([{ state: "away" }]);
  server.last.closes(1006);
  expect(states()).toEqual({});
  await vi.advanceTimersByTimeAsync(1_000);
  server.last.greets();
  await settle();
  expect(watched()).toEqual([{ people: ["2"], conversations: [] }]);
  expect(server.last.commands("presence.set")).toHaveLength(1);
  expect(states()).toEqual({ "2": "offline" });
});

it("asks again after a refusal", async () => {
  delete server.answers["presence.watch"];
  store.watch({ people: ["2"] });
  await pause();
  const { ref } = server.last.commands("presence.watch")[0] ?? { ref: "" };
  server.last.push({ type: "error", ref, data: { error: "Not now.", code: "rate_limited", fatal: false } });
  server.answers["presence.watch"] = () => ({ people: [presence("2", "online")] });
  await vi.advanceTimersByTimeAsync(5_000);
  await settle();
  expect(states()).toEqual({ "2": "online" });
});

it("watches no more than the server allows, those asked for last", async () => {
  for (let id = 1; id <= 510; id += 1) store.watch({ people: [`${id}`], conversations: [id] });
  await pause();
  const [{ people, conversations }] = watched() as [{ people: string[]; conversations: number[] }];
  expect(people).toHaveLength(500);
  expect(people[0]).toBe("510");
  expect(conversations).toHaveLength(20);
});
