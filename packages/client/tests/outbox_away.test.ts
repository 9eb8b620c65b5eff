/** The outbox while things go wrong: no network, reloads, other tabs, other people; each message is sent once. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createOutbox } from "../src/index.js";
import { openStorage } from "../src/stores/outbox_storage.js";
import { Browser, shownBy } from "./support/browser.js";
import { ME } from "./support/chat_server.js";
import { fakeDatabase } from "./support/fake_database.js";
import { ALICE, BRUNO, settle } from "./support/fake_server.js";

let browser: Browser;

beforeEach(() => {
  browser = new Browser();
});

afterEach(() => {
  browser.close();
});

describe("without a network", () => {
  it("waits, and goes by itself, in order and once", async () => {
    const { client, store } = browser.page();
    await browser.online(client);
    browser.cut();
    store.send("One");
    store.send("Two");
    await vi.advanceTimersByTimeAsync(3_000);
    expect(shownBy(store)).toEqual([
      ["One", "pending"],
      ["Two", "pending"],
    ]);
    expect(browser.disk.rows.size).toBe(2);
    await browser.back();
    expect(browser.sent()).toEqual(["One", "Two"]);
    expect(shownBy(store)).toEqual([
      ["One", "sent"],
      ["Two", "sent"],
    ]);
    expect(browser.disk.rows.size).toBe(0);
  });

  it("survives a reload", async () => {
    const before = browser.page();
    await browser.online(before.client);
    browser.cut();
    before.store.send("Composed offline");
    await settle();
    before.client.destroy();

    const { client, store } = browser.page();
    await browser.online(client);
    await settle();
    await browser.server.deliver();
    expect(browser.sent()).toEqual(["Composed offline"]);
    expect(shownBy(store)).toEqual([["Composed offline", "sent"]]);
    expect(browser.disk.rows.size).toBe(0);
  });

  it("is sent once although the answer was lost with the page", async () => {
    const before = browser.page();
    await browser.online(before.client);
    browser.server.silent.add("message.send");
    before.store.send("Heard, but not answered");
    await settle();
    expect(browser.sent()).toEqual(["Heard, but not answered"]);
    expect(browser.disk.rows.size).toBe(1);
    before.client.destroy();
    browser.server.silent.clear();

    const { client, store } = browser.page();
    await browser.online(client);
    await settle();
    await browser.server.deliver();
    expect(browser.sent()).toEqual(["Heard, but not answered"]);
    expect(shownBy(store)).toEqual([["Heard, but not answered", "sent"]]);
    expect(browser.disk.rows.size).toBe(0);
  });

  it("falls back to REST under the same key", async () => {
    const { client, store } = browser.page();
    await browser.online(client);
    browser.server.last.closes(1006);
    const clientId = store.send("Over REST");
    await vi.advanceTimersByTimeAsync(3_000);
    const request = browser.server.requests.find(({ method }) => method === "POST");
    expect(request).toMatchObject({ body: { content: "Over REST" }, headers: { "Idempotency-Key": clientId } });
    expect(shownBy(store)).toEqual([["Over REST", "sent"]]);
  });

  it("can be given up while it waits", async () => {
    const { client, store } = browser.page();
    await browser.online(client);
    browser.cut();
    const clientId = store.send("Never mind") ?? "";
    await vi.advanceTimersByTimeAsync(3_000);
    expect(store.discard(clientId)).toBe("Never mind");
    await browser.back();
    expect(browser.sent()).toEqual([]);
    expect(browser.disk.rows.size).toBe(0);
  });

  it("keeps what is composed before anybody is known, for the one who is greeted", async () => {
    const { client, store } = browser.page();
    client.connection.start();
    await settle();
    store.send("Early");
    expect(browser.sent()).toEqual([]);
    await browser.server.greets();
    await settle();
    await browser.server.deliver();
    expect(browser.sent()).toEqual(["Early"]);
  });
});

describe("where no socket can be had", () => {
  it("asks who is there, and sends over REST", async () => {
    browser.server.on("GET /me/", () => ({ body: { person: ALICE, language: "en", time_zone: "UTC" } }));
    const { store } = browser.page();
    await settle();
    store.send("Without a socket");
    await vi.advanceTimersByTimeAsync(2_000);
    await settle();
    expect(browser.sent()).toEqual(["Without a socket"]);
    expect(shownBy(store)).toEqual([["Without a socket", "sent"]]);
    expect(browser.server.count("GET /me/")).toBe(1);
  });
});

describe("a page that goes in the moment of sending", () => {
  it("leaves the message for the next one", async () => {
    const kept = new Map<string, string>();
    const hidden: (() => void)[] = [];
    vi.stubGlobal("window", {
      addEventListener: (type: string, work: () => void) => type === "pagehide" && hidden.push(work),
    });
    vi.stubGlobal("localStorage", {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    });
    const before = browser.page();
    await browser.online(before.client);
    browser.cut();
    before.store.send("At the last moment");
    for (const work of hidden) work();
    before.client.destroy();
    browser.disk.rows.clear();
    vi.stubGlobal("window", undefined);

    const { client } = browser.page();
    await browser.online(client);
    await settle();
    expect(browser.sent()).toEqual(["At the last moment"]);
    expect(kept.get("carillon-outbox")).toBeUndefined();
  });
});

describe("people and tabs", () => {
  it("never sends somebody else's: each person's wait for that person", async () => {
    const tokens = { person: ALICE };
    const answer = () => ({
      body: { access: "a.b.c", expires_in: 3_600, person: tokens.person, language: "en", time_zone: "UTC" },
    });
    browser.server.on("POST /auth/login/", answer);
    browser.server.on("POST /auth/logout/", () => ({ body: {} }));
    const client = browser.client({ auth: "cookie" });
    await client.session.signIn("alice", "x");
    await browser.online(client);
    const outbox = createOutbox(client);
    await settle();
    browser.cut();
    outbox.send(browser.id, "Alice's own");
    await settle();
    await client.session.signOut();
    expect(outbox.getSnapshot().messages).toEqual([]);

    tokens.person = BRUNO;
    browser.server.on(`POST /conversations/${browser.id}/messages/`, () => ({
      body: { message: null, position: null },
    }));
    await client.session.signIn("bruno", "x");
    await settle();
    browser.server.last.greets({ person: BRUNO, user_topic: "user:2" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(outbox.getSnapshot().messages).toEqual([]);
    expect(browser.server.last.commands("message.send")).toEqual([]);
    expect(browser.disk.rows.size).toBe(1);

    await client.session.signOut();
    tokens.person = ALICE;
    await client.session.signIn("alice", "x");
    await settle();
    await browser.server.greets();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(browser.sent()).toEqual(["Alice's own"]);
  });

  it("are shown in every tab, and sent by one", async () => {
    const locks = fakeLocks();
    vi.stubGlobal("navigator", { onLine: true, locks });
    const one = browser.page();
    await browser.online(one.client);
    const other = createOutbox(one.client);
    expect(other).toBe(createOutbox(one.client));
    const second = browser.page();
    await browser.online(second.client);
    browser.cut();
    one.store.send("From the first tab");
    await settle();
    await settle();
    expect(
      createOutbox(second.client)
        .getSnapshot()
        .messages.map(({ content }) => content),
    ).toEqual(["From the first tab"]);
    browser.server.on(`POST /conversations/${browser.id}/messages/`, (request) => {
      const key = request.headers["Idempotency-Key"] ?? "";
      browser.server.model.send(browser.id, ME, String(request.body?.content), { client_id: key });
      return { body: { message: browser.server.model.row(browser.id).messages.at(-1), position: null } };
    });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(browser.sent()).toEqual(["From the first tab"]);
    expect(createOutbox(second.client).getSnapshot().messages).toEqual([]);
    expect(createOutbox(one.client).getSnapshot().messages).toEqual([]);
  });
});

/** One holder a name, in the order of asking. */
function fakeLocks() {
  const tails = new Map<string, Promise<unknown>>();
  return {
    request: (name: string, work: () => Promise<unknown>) => {
      const turn = (tails.get(name) ?? Promise.resolve()).then(work);
      tails.set(
        name,
        turn.catch(() => undefined),
      );
      return turn;
    },
  };
}

describe.each(["memory", "database"])("storage in %s", (kind) => {
  it("keeps messages of each owner in order", async () => {
    browser.disk.isClosed = kind === "memory";
    const storage = await openStorage(fakeDatabase(browser.disk));
    expect(storage.isDurable).toBe(kind === "database");
    const message = (clientId: string, owner: string, order: number) => {
      const rest = { conversation: 1, content: clientId, replyTo: null, createdAt: "", failure: null };
      return { clientId, owner, order, ...rest };
    };
    for (const one of [message("b", "me", 2), message("a", "me", 1), message("c", "you", 3)]) await storage.put(one);
    await storage.put({ ...message("b", "me", 2), failure: { code: "forbidden", message: "No." } });
    expect((await storage.all("me")).map(({ clientId, failure }) => [clientId, failure?.code])).toEqual([
      ["a", undefined],
      ["b", "forbidden"],
    ]);
    expect(await storage.has("a")).toBe(true);
    await storage.delete("a");
    expect(await storage.has("a")).toBe(false);
  });
});
