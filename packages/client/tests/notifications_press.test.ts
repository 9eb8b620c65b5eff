/** Buttons: shown as pressed at once, sent when the network is back, put back when refused, settled by what was chosen elsewhere. */
import { describe, expect, it, vi } from "vitest";
import { buttonsOf, pressedOf } from "../src/index.js";
import { restRoute } from "../src/writes.js";
import { settle } from "./support/fake_server.js";
import { notification } from "./support/fixtures.js";
import { client, server, shown, store, withOpenedInbox } from "./support/opened_inbox.js";

const ACTIONS = [
  { name: "accept", label: "Accepter", style: "primary" },
  { name: "see", label: "Voir", style: "", url: "/seances/3" },
];
const DONE = { name: "accept", label: "Accepter", text: "Séance confirmée", at: "2026-11-21T10:00:00Z" };
const { id } = notification(2);

withOpenedInbox(3, () => void server.model.change([id], () => ({ data: { actions: ACTIONS } })));

/** The server's side of a press: done once, and told. */
function press(pressed: Record<string, unknown>): Record<string, unknown> {
  const change = { is_read: true, is_seen: true, read_at: "2026-11-21T10:00:00Z", data: { actions: ACTIONS, pressed } };
  server.tell(server.model.change([id], () => change));
  return { inbox: server.model.inbox, position: server.model.position };
}

const item = () => shown().items.find((one) => one.id === id) ?? notification(0);

describe("a press", () => {
  it("shows at once, and settles with what the host says", async () => {
    server.answers["notification.press"] = ({ data }) => {
      expect(data).toEqual({ id, action: "accept" });
      return press(DONE);
    };
    store.press(id, "accept");
    expect(pressedOf(item())).toEqual({ name: "accept", label: "Accepter", text: "", at: null });
    expect(buttonsOf(item()).map(({ name }) => name)).toEqual(["see"]);
    expect(shown().inbox.unread).toBe(2);
    await settle();
    expect(pressedOf(item())).toEqual(DONE);
    expect([shown().inbox.unread, shown().pending.size]).toEqual([2, 0]);
  });

  it("gives way to what was chosen elsewhere", async () => {
    server.answers["notification.press"] = () => ({ inbox: server.model.inbox, position: server.model.position });
    store.press(id, "accept");
    press({ ...DONE, name: "refuse", label: "Refuser", text: "" });
    await settle();
    expect(pressedOf(item())?.name).toBe("refuse");
    expect([shown().inbox.unread, shown().pending.size, shown().failure]).toEqual([2, 0, null]);
  });

  it("is put back when it is refused, with the words of the refusal", async () => {
    server.answers["notification.press"] = ({ ref }) => {
      const data = { error: "Ce créneau vient d’être pris.", code: "conflict", fatal: false };
      queueMicrotask(() => server.last.push({ type: "error", ref, data }));
      return null;
    };
    store.press(id, "accept");
    await settle();
    expect(shown().failure).toMatchObject({
      action: "press",
      ids: [id],
      error: { message: expect.stringMatching(/créneau/) },
    });
    expect(buttonsOf(item())).toHaveLength(2);
    expect([pressedOf(item()), shown().inbox.unread]).toEqual([null, 3]);
  });

  it("waits for the network, and goes by itself", async () => {
    client.connection.stop();
    server.on(`POST /notifications/${id}/press/`, () => "network");
    store.press(id, "accept");
    await settle();
    expect(pressedOf(item())?.at).toBeNull();
    expect(shown().waiting).toBe(1);
    server.on(`POST /notifications/${id}/press/`, () => ({ body: press(DONE) }));
    await vi.advanceTimersByTimeAsync(60_000);
    await settle();
    expect(pressedOf(item())).toEqual(DONE);
    expect([shown().waiting, shown().pending.size]).toEqual([0, 0]);
  });
});

it("goes over REST by its own address", () => {
  expect(restRoute("notification.press", { id: "ab", action: "accept" })).toEqual({
    method: "post",
    path: "/notifications/ab/press/",
    body: { action: "accept" },
  });
});

describe("what a notification offers", () => {
  it("is read with care: hosts write there too", () => {
    const of = (data: Record<string, unknown>) => buttonsOf({ data });
    expect(of({})).toEqual([]);
    expect(of({ actions: "x" })).toEqual([]);
    expect(of({ actions: [null, 3, {}, { label: "A" }, { name: "a" }, { label: "B", name: 3 }] })).toEqual([]);
    const plain = { label: "A", url: "/a" };
    expect(of({ actions: [plain] })).toEqual([{ name: "", label: "A", style: "", url: "/a" }]);
    expect(of({ actions: [{ name: "a", label: "A", style: "loud" }] })[0]?.style).toBe("");
    expect(pressedOf({ data: { pressed: 3 } })).toBeNull();
  });
});
