/** Commands over one socket: answers, refusals, losses. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type CarillonClient, ClientError, createClient } from "../src/index.js";
import { FakeServer, settle } from "./support/fake_server.js";

let server: FakeServer;
let client: CarillonClient;

beforeEach(async () => {
  vi.useFakeTimers();
  server = new FakeServer();
  client = createClient(server.options({ getToken: () => "a.b.c" }));
});

afterEach(() => {
  client.destroy();
  vi.useRealTimers();
});

async function open(): Promise<void> {
  client.connection.start();
  await settle();
  server.last.greets();
}

async function errorOf(promise: Promise<unknown>): Promise<ClientError> {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ClientError)) throw new Error("It did not reject with a ClientError.");
  return error;
}

describe("command", () => {
  it("is an error while closed, and reaches no socket covers(004-37)", async () => {
    expect((await errorOf(client.command("ping"))).code).toBe("not_open");
    client.connection.start();
    await settle();
    server.last.opens();
    expect((await errorOf(client.command("typing.set"))).code).toBe("not_open");
    expect(server.last.sent).toEqual([]);
  });

  it("resolves with the data of its own answer, in any order", async () => {
    await open();
    const first = client.command("a.do", { x: 1 }, { clientId: "k1" });
    const second = client.command("b.do");
    const [a, b] = server.last.sent;
    expect(a).toEqual({ type: "a.do", ref: "c1", data: { x: 1 }, client_id: "k1" });
    expect(b).toEqual({ type: "b.do", ref: "c2", data: {} });
    server.last.push({ type: "reply", ref: "c2", data: { n: 2 } });
    server.last.push({ type: "reply", ref: "c1", data: { n: 1 } });
    expect(await first).toEqual({ n: 1 });
    expect(await second).toEqual({ n: 2 });
  });

  it("rejects with everything that the server said", async () => {
    await open();
    const sent = client.command("a.do");
    const details = [{ field: "ids", message: "Too many." }];
    const data = { error: "No.", code: "rate_limited", retry_after: 2, fatal: false, details };
    server.last.push({ type: "error", ref: "c1", data });
    const error = await errorOf(sent);
    expect(error).toMatchObject({ code: "rate_limited", message: "No.", retryAfter: 2, details, isTransient: true });
  });

  it("rejects what was under way when the connection is lost", async () => {
    await open();
    const sent = client.command("a.do");
    server.last.closes(1006);
    expect(await errorOf(sent)).toMatchObject({ code: "connection_lost", isLoss: true });
  });

  it("rejects after 20 s without an answer", async () => {
    await open();
    const sent = errorOf(client.command("a.do"));
    await vi.advanceTimersByTimeAsync(20_000);
    expect((await sent).code).toBe("timeout");
  });
});

describe("write", () => {
  const READ = { ids: ["a"] };

  it("sends one key, and the same one again after a loss", async () => {
    await open();
    const done = client.write("notification.read", READ);
    await settle();
    const [sent] = server.last.commands("notification.read");
    expect(sent?.client_id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    server.last.closes(1006);
    await vi.advanceTimersByTimeAsync(1_000);
    server.last.greets();
    await settle();
    const [again] = server.last.commands("notification.read");
    expect(again?.client_id).toBe(sent?.client_id);
    expect(again?.data).toEqual(READ);
    server.last.push({ type: "reply", ref: again?.ref, data: { ok: true } });
    expect(await done).toEqual({ ok: true });
  });

  it("goes over REST under the same key when no socket comes", async () => {
    server.on("POST /notifications/batch/", () => ({ body: { ok: true } }));
    expect(await client.write("notification.archive", READ, { clientId: "key-1" })).toEqual({ ok: true });
    expect(server.requests[0]).toMatchObject({ body: { action: "archive", ids: ["a"] } });
    expect(server.requests[0]?.headers["Idempotency-Key"]).toBe("key-1");
  });

  it.each([
    ["notification.read_all", "/notifications/read-all/", { up_to: 4 }],
    ["notification.restore_unread", "/notifications/restore-unread/", { stamp: "s" }],
    ["notification.seen", "/notifications/seen/", { up_to: 4 }],
    ["notification.clear_read", "/notifications/clear-read/", { up_to: 4 }],
  ])("knows the REST side of %s", async (name, path, data) => {
    server.on(`POST ${path}`, ({ body }) => ({ body }));
    expect(await client.write(name, data)).toEqual(data);
  });

  it("snoozes over REST", async () => {
    server.on("POST /notifications/batch/", ({ body }) => ({ body }));
    const data = { ids: ["a", "b"], until: "U" };
    expect(await client.write("notification.snooze", data)).toEqual({ action: "snooze", ...data });
  });

  it("waits a moment for a socket that is being opened", async () => {
    client.connection.start();
    await settle();
    const done = client.write("notification.read", READ);
    await vi.advanceTimersByTimeAsync(1_000);
    server.last.greets();
    await settle();
    expect(server.last.commands("notification.read")).toHaveLength(1);
    expect(server.requests).toHaveLength(0);
    server.last.push({ type: "reply", ref: server.last.sent.at(-1)?.ref, data: {} });
    await done;
  });

  it("gives up after the retries that the caller allows", async () => {
    server.on("POST /notifications/batch/", () => "network");
    const waits: string[] = [];
    const done = client.write("notification.read", READ, { retries: 2, onWaiting: ({ code }) => waits.push(code) });
    const error = errorOf(done);
    await vi.advanceTimersByTimeAsync(10_000);
    expect((await error).code).toBe("network");
    expect(waits).toEqual(["network", "network"]);
    expect(new Set(server.requests.map(({ headers }) => headers["Idempotency-Key"])).size).toBe(1);
    expect(server.requests).toHaveLength(3);
  });

  it("does not repeat what was refused", async () => {
    server.on("POST /notifications/batch/", () => ({ status: 404, body: { code: "not_found", detail: "Gone." } }));
    expect(await errorOf(client.write("notification.read", READ))).toMatchObject({ code: "not_found", status: 404 });
    expect(server.requests).toHaveLength(1);
  });

  it("waits as long as the server asked", async () => {
    let count = 0;
    server.on("POST /notifications/batch/", () => {
      count += 1;
      return count > 1 ? { body: {} } : { status: 409, body: { code: "in_progress" }, headers: { "Retry-After": "5" } };
    });
    const done = client.write("notification.read", READ);
    await vi.advanceTimersByTimeAsync(4_900);
    expect(count).toBe(1);
    await vi.advanceTimersByTimeAsync(200);
    await done;
    expect(count).toBe(2);
  });

  it("is given up by its signal", async () => {
    server.on("POST /notifications/batch/", () => "network");
    const stop = new AbortController();
    const error = errorOf(client.write("notification.read", READ, { signal: stop.signal, retries: 100 }));
    await vi.advanceTimersByTimeAsync(5_000);
    stop.abort();
    expect((await error).code).toBe("cancelled");
  });

  it("has no other way for a command that only sockets know", async () => {
    expect((await errorOf(client.write("typing.set", {}, { retries: 0 }))).code).toBe("not_open");
  });
});
