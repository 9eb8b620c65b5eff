/** Finding people, whom one blocks, and drafts. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type CarillonClient,
  createBlockedStore,
  createClient,
  createDraftsStore,
  createPeopleSearch,
} from "../src/index.js";
import { person } from "./support/chat_model.js";
import { FakeServer, problem, settle } from "./support/fake_server.js";

let server: FakeServer;
let client: CarillonClient;

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer();
  client = createClient(server.options({ getToken: () => "a.b.c" }));
});

afterEach(() => {
  client.destroy();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

async function greeted(): Promise<void> {
  client.connection.start();
  await settle();
  server.last.greets();
  await settle();
}

describe("a search for people", () => {
  const asked = () => server.requests.map(({ query }) => query.toString());

  it("lists everybody at once, and waits for a pause in typing", async () => {
    server.on("GET /people/", ({ query }) => ({ body: { results: [person(query.get("q") ?? "all")], next: null } }));
    const search = createPeopleSearch(client);
    search.search("");
    await vi.advanceTimersByTimeAsync(0);
    expect(search.getSnapshot()).toMatchObject({ status: "ready", q: "", items: [person("all")] });
    for (const words of ["a", "al", "ali", "ali "]) search.search(words);
    expect(search.getSnapshot()).toMatchObject({ status: "loading", items: [person("all")] });
    await vi.advanceTimersByTimeAsync(200);
    expect(search.getSnapshot()).toMatchObject({ status: "ready", q: "ali", items: [person("ali")] });
    expect(asked()).toEqual(["limit=30", "q=ali&limit=30"]);
  });

  it("goes on, and never shows an older answer over a later one", async () => {
    let release = () => {};
    server.on("GET /people/", async ({ query }) => {
      if (query.get("q") === "slow") await new Promise<void>((resolve) => (release = resolve));
      const next = query.has("cursor") ? null : "c1";
      return { body: { results: [person(`${query.get("q")}${query.get("cursor") ?? ""}`)], next } };
    });
    const search = createPeopleSearch(client);
    search.search("slow");
    await vi.advanceTimersByTimeAsync(0);
    search.search("fast");
    await vi.advanceTimersByTimeAsync(200);
    release();
    await settle();
    await search.loadMore();
    expect(search.getSnapshot()).toMatchObject({
      q: "fast",
      items: [person("fast"), person("fastc1")],
      hasMore: false,
    });
  });

  it("tells an error and asks again", async () => {
    server.on("GET /people/", () => problem(503, "unavailable"));
    const search = createPeopleSearch(client);
    search.search("x");
    await vi.advanceTimersByTimeAsync(0);
    expect(search.getSnapshot()).toMatchObject({ status: "error", error: { code: "unavailable" } });
    server.on("GET /people/", () => ({ body: { results: [], next: null } }));
    search.retry();
    await vi.advanceTimersByTimeAsync(0);
    expect(search.getSnapshot()).toMatchObject({ status: "ready", items: [] });
    search.destroy();
  });
});

it("whom one blocks is asked again when it changes", async () => {
  const results = [person("2"), person("3")];
  server.on("GET /blocks/", ({ query }) =>
    query.has("cursor")
      ? { body: { results: results.slice(1), next: null } }
      : { body: { results: results.slice(0, 1), next: "more" } },
  );
  await greeted();
  const store = createBlockedStore(client);
  const end = store.subscribe(() => {});
  await settle();
  expect(store.getSnapshot()).toMatchObject({ status: "ready", items: [person("2"), person("3")] });
  results.push(person("4"));
  const data = { person: "4", is_blocked: true };
  server.last.push({ type: "person.blocked", topic: "user:1", epoch: "e1", offset: 11, at: "", data });
  await settle();
  expect(store.getSnapshot().items.map(({ id }) => id)).toEqual(["2", "3", "4"]);
  end();
});

describe("drafts", () => {
  const stored = new Map<string, string>();

  beforeEach(() => {
    stored.clear();
    vi.stubGlobal("localStorage", {
      getItem: (key: string) => stored.get(key) ?? null,
      setItem: (key: string, value: string) => void stored.set(key, value),
      removeItem: (key: string) => void stored.delete(key),
    });
  });

  it("are kept for each person, and come back after a reload", async () => {
    await greeted();
    const drafts = createDraftsStore(client);
    const heard = vi.fn();
    drafts.subscribe(heard);
    drafts.set(1, { text: "Begun", replyTo: null });
    drafts.set(1, { text: "Begun", replyTo: null });
    drafts.set(2, { text: "  ", replyTo: null });
    expect(heard).toHaveBeenCalledTimes(1);
    client.destroy();

    client = createClient(server.options({ getToken: () => "a.b.c" }));
    const again = createDraftsStore(client);
    again.set(3, { text: "Before anybody was known", replyTo: null });
    await greeted();
    expect([...again.getSnapshot()].map(([id, { text }]) => [id, text])).toEqual([
      [1, "Begun"],
      [3, "Before anybody was known"],
    ]);
    again.clear(1);
    again.clear(3);
    expect(stored.size).toBe(0);
  });

  it("are not shown to another person", async () => {
    await greeted();
    const drafts = createDraftsStore(client);
    drafts.set(1, { text: "Mine", replyTo: null });
    server.last.greets({ person: person("2"), user_topic: "user:2" });
    expect(drafts.getSnapshot().size).toBe(0);
    expect(stored.size).toBe(1);
  });

  it("live as long as the page where nothing can be kept", async () => {
    vi.stubGlobal("localStorage", {
      getItem: () => {
        throw new Error("denied");
      },
      setItem: () => {
        throw new Error("denied");
      },
    });
    await greeted();
    const drafts = createDraftsStore(client);
    drafts.set(1, { text: "Begun", replyTo: null });
    expect(drafts.getSnapshot().get(1)?.text).toBe("Begun");
  });

  it("ignore what is not theirs", async () => {
    stored.set("carillon-drafts:https://example.test/api/v1 1", '[[1, {"text": "ok"}], ["x", 2], null]');
    await greeted();
    expect([...createDraftsStore(client).getSnapshot()]).toEqual([[1, { text: "ok", replyTo: null }]]);
  });
});
