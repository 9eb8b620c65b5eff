/** The outbox: what is composed is shown at once, sent in order, and settled exactly once. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createDraftsStore, createOutbox, type MessagesStore } from "../src/index.js";
import { Browser, shownBy } from "./support/browser.js";
import { ME } from "./support/chat_server.js";
import { ALICE, settle } from "./support/fake_server.js";

let browser: Browser;

beforeEach(() => {
  browser = new Browser();
});

afterEach(() => {
  browser.close();
});

const last = (store: MessagesStore) => store.getSnapshot().items.at(-1);

describe("sending", () => {
  it("shows at once, sends, and keeps its key from first to last", async () => {
    const { client, store } = browser.page();
    await browser.online(client);
    const clientId = store.send("  Hello  ");
    expect(last(store)).toMatchObject({
      delivery: "pending",
      isMine: true,
      message: { id: 0, content: "Hello", sender: ALICE },
    });
    const key = last(store)?.key;
    await settle();
    await browser.server.deliver();
    expect(last(store)).toMatchObject({ key, delivery: "sent", message: { seq: 4, client_id: clientId } });
    expect(store.getSnapshot()).toMatchObject({ unsent: [] });
    expect(browser.sent()).toEqual(["Hello"]);
    expect(browser.disk.rows.size).toBe(0);
  });

  it("refuses nothing and too much", async () => {
    const { client, store } = browser.page();
    await browser.online(client);
    expect(store.send("  \n ")).toBeNull();
    expect(store.send("x".repeat(8_001))).toBeNull();
    expect(store.send("👍".repeat(8_000))).not.toBeNull();
  });

  it("settles once, whether the event or the answer comes first", async () => {
    const { client, store } = browser.page();
    await browser.online(client);
    browser.server.silent.add("message.send");
    store.send("Only once");
    await settle();
    await browser.server.deliver();
    expect(shownBy(store)).toEqual([["Only once", "sent"]]);
    // The answer never comes: the socket is lost, and the next message goes after it.
    store.send("After it");
    browser.server.silent.clear();
    browser.server.last.closes(1006);
    await browser.back();
    expect(browser.sent()).toEqual(["Only once", "After it"]);
    expect(shownBy(store)).toEqual([
      ["Only once", "sent"],
      ["After it", "sent"],
    ]);
  });

  it("keeps the order of a conversation, one in flight", async () => {
    const { client, store } = browser.page();
    await browser.online(client);
    for (const word of ["1", "2", "3", "4"]) store.send(word);
    await settle();
    await settle();
    await browser.server.deliver();
    expect(browser.sent()).toEqual(["1", "2", "3", "4"]);
    expect(shownBy(store).map(([word]) => word)).toEqual(["1", "2", "3", "4"]);
  });

  it("shows an answer that comes before what was said just before it, in its place in the end", async () => {
    const { client, store } = browser.page();
    await browser.online(client);
    browser.server.model.send(browser.id, "2", "Said just before");
    store.send("Mine");
    await settle();
    expect(shownBy(store)).toEqual([["Mine", "sent"]]);
    await browser.server.deliver();
    expect(shownBy(store)).toEqual([
      ["Said just before", "sent"],
      ["Mine", "sent"],
    ]);
  });

  it("clears the draft, ends typing, and goes to the end of the conversation", async () => {
    for (let count = 0; count < 200; count += 1) browser.server.model.send(browser.id, "2");
    browser.server.model.read(browser.id, ME, 203);
    const { client, store } = browser.page();
    await browser.online(client);
    createDraftsStore(client).set(browser.id, { text: "Hel", replyTo: null });
    await store.jumpTo(5);
    store.send("Hello");
    await settle();
    await browser.server.deliver();
    await settle();
    expect(createDraftsStore(client).getSnapshot().size).toBe(0);
    expect(last(store)?.message.content).toBe("Hello");
  });

  it("answers with a quote", async () => {
    const { client, store } = browser.page();
    await browser.online(client);
    const first = store.getSnapshot().items[0]?.message;
    if (first === undefined) throw new Error("nothing loaded");
    store.send("Yes", { replyTo: first });
    expect(last(store)?.message.reply_to).toMatchObject({ id: first.id, content: "Message 1", is_deleted: false });
    await settle();
    expect(browser.server.last.commands("message.send")[0]?.data).toMatchObject({ reply_to: first.id });
  });
});

describe("refusals", () => {
  it("stay with their sentence, let others pass, and can be sent again under the same id", async () => {
    const { client, store } = browser.page();
    await browser.online(client);
    browser.server.refusals.set("message.send", { code: "forbidden", status: 403 });
    const clientId = store.send("Refused") ?? "";
    await settle();
    expect(last(store)).toMatchObject({
      delivery: "failed",
      failure: { code: "forbidden", message: "Text of forbidden." },
    });
    browser.server.refusals.clear();
    store.send("Accepted");
    await settle();
    await browser.server.deliver();
    expect(shownBy(store)).toEqual([
      ["Accepted", "sent"],
      ["Refused", "failed"],
    ]);
    store.retry(clientId);
    await settle();
    await browser.server.deliver();
    expect(shownBy(store)).toEqual([
      ["Accepted", "sent"],
      ["Refused", "sent"],
    ]);
    expect(
      browser.server.last
        .commands("message.send")
        .map(({ client_id }) => client_id)
        .filter((one) => one === clientId),
    ).toHaveLength(2);
  });

  it("are still there after a reload, and not sent by themselves", async () => {
    const before = browser.page();
    await browser.online(before.client);
    browser.server.refusals.set("message.send", { code: "forbidden", status: 403 });
    before.store.send("Refused");
    await settle();
    before.client.destroy();
    browser.server.refusals.clear();

    const { client, store } = browser.page();
    await browser.online(client);
    await settle();
    expect(last(store)).toMatchObject({ delivery: "failed", failure: { code: "forbidden" } });
    expect(browser.sent()).toEqual([]);
    expect(store.discard(last(store)?.message.client_id ?? "")).toBe("Refused");
    await settle();
    expect(browser.disk.rows.size).toBe(0);
  });

  it("that say 'not now' do not fail it", async () => {
    const { client, store } = browser.page();
    await browser.online(client);
    browser.server.refusals.set("message.send", { code: "busy", status: 503 });
    store.send("Patience");
    await vi.advanceTimersByTimeAsync(400_000);
    expect(last(store)?.delivery).not.toBe("failed");
    browser.server.refusals.clear();
    await browser.back();
    await vi.advanceTimersByTimeAsync(40_000);
    expect(browser.sent()).toEqual(["Patience"]);
  });
});

describe("where nothing can be kept", () => {
  it("sends all the same", async () => {
    browser.disk.isClosed = true;
    const { client, store } = browser.page();
    await browser.online(client);
    store.send("From memory");
    await settle();
    await browser.server.deliver();
    expect(createOutbox(client).isDurable).toBe(false);
    expect(browser.sent()).toEqual(["From memory"]);
  });
});
