/** The connection against sockets that the test plays: opening, coming back, tokens, heartbeat. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type CarillonClient, createClient } from "../src/index.js";
import { FakeServer, HELLO, settle } from "./support/fake_server.js";

let server: FakeServer;
let client: CarillonClient;
let page: EventTarget;

beforeEach(() => {
  vi.useFakeTimers();
  page = Object.assign(new EventTarget(), { visibilityState: "visible" });
  vi.stubGlobal("window", page);
  vi.stubGlobal("document", page);
  server = new FakeServer();
});

afterEach(() => {
  client.destroy();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const state = () => client.connection.state.getSnapshot();

async function connect(options = {}): Promise<void> {
  client = createClient(server.options({ getToken: () => "a.b.c", ...options }));
  client.connection.start();
  await settle();
}

async function connectOpen(options = {}): Promise<void> {
  await connect(options);
  server.last.greets();
}

async function pass(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
}

describe("opening", () => {
  it("presents the bearer beside the protocol and is open with hello", async () => {
    await connect();
    expect(server.last.url).toBe("wss://example.test/ws/");
    expect(server.last.protocols).toEqual(["carillon.v1", "bearer.a.b.c"]);
    server.last.opens();
    expect(state().status).toBe("connecting");
    server.last.greets();
    expect(state()).toMatchObject({ status: "open", downSince: null, attempt: 0, reason: null });
  });

  it("offers no bearer when the host has no token, and authenticates in band with one that is no JWT", async () => {
    await connect({ getToken: () => null });
    expect(server.last.protocols).toEqual(["carillon.v1"]);
    client.destroy();
    await connect({ getToken: () => "opaque token/=" });
    expect(server.last.protocols).toEqual(["carillon.v1"]);
    server.last.opens();
    expect(server.last.sent).toMatchObject([{ type: "authenticate", data: { token: "opaque token/=" } }]);
  });

  it("takes another socket path and prefix", async () => {
    await connect({ baseUrl: "http://127.0.0.1:8000/carillon/", socketPath: "/live/" });
    expect(server.last.url).toBe("ws://127.0.0.1:8000/carillon/live/");
  });

  it("counts a silent server as a failure after 15 s", async () => {
    await connect();
    server.last.opens();
    await pass(15_000);
    expect(state()).toMatchObject({ status: "waiting", attempt: 1, reason: { slug: "timeout" } });
  });

  it("waits like after any failure when the token cannot be had", async () => {
    await connect({ getToken: () => Promise.reject(new Error("no network")) });
    expect(state()).toMatchObject({ status: "waiting", attempt: 1 });
    expect(server.sockets).toHaveLength(0);
  });
});

describe("coming back", () => {
  it("backs off from 1 s to 30 s, stops after ten failures and offers retry covers(003-15, 004-26, 004-34, 004-36)", async () => {
    await connect();
    const delays: number[] = [];
    for (let failure = 1; failure <= 9; failure += 1) {
      server.last.closes(1006);
      delays.push((state().retryAt ?? 0) - Date.now());
      await pass(delays.at(-1) ?? 0);
    }
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000]);
    server.last.closes(1006);
    expect(state()).toMatchObject({ status: "stopped", attempt: 10, mayRetry: true, reason: { slug: "gave_up" } });
    const count = server.sockets.length;
    await pass(3_600_000);
    expect(server.sockets).toHaveLength(count);
    client.connection.retry();
    await settle();
    expect(server.sockets).toHaveLength(count + 1);
    expect(state()).toMatchObject({ status: "connecting", attempt: 0 });
  });

  it("forgets failures only after 30 s connected", async () => {
    await connect();
    server.last.closes(1006);
    await pass(1_000);
    server.last.greets();
    await pass(29_000);
    server.last.closes(1006);
    expect(state().attempt).toBe(2);
    await pass(2_000);
    server.last.greets();
    await pass(30_000);
    expect(state()).toMatchObject({ status: "open", attempt: 0 });
    server.last.closes(1006);
    expect(state().attempt).toBe(1);
  });

  it.each([1000, 1008, 4000, 4005, 4011])(
    "never comes back after %i covers(004-24, 004-27, 004-29, 004-33)",
    async (code) => {
      await connectOpen();
      server.last.fails(code, "some_slug");
      expect(state()).toMatchObject({ status: "stopped", reason: { code, slug: "some_slug" } });
      page.dispatchEvent(new Event("online"));
      page.dispatchEvent(new Event("visibilitychange"));
      await pass(3_600_000);
      expect(server.sockets).toHaveLength(1);
    },
  );

  it("comes back within the time that a drain frame chose", async () => {
    await connectOpen();
    server.last.push({ type: "drain", data: { reconnect_in: 1_234 } });
    server.last.closes(1012);
    await pass(1_233);
    expect(server.sockets).toHaveLength(1);
    await pass(1);
    expect(server.sockets).toHaveLength(2);
  });

  it.each([1013, 4008])("honours retry_after of %i, also when the page comes back meanwhile", async (code) => {
    await connectOpen();
    server.last.fails(code, "busy", { retry_after: 12 });
    page.dispatchEvent(new Event("online"));
    await pass(11_900);
    expect(server.sockets).toHaveLength(1);
    await pass(5_000);
    expect(server.sockets).toHaveLength(2);
  });

  it("reads retry_after from the close reason of a server that sent no error frame", async () => {
    await connectOpen();
    server.last.closes(1013, "busy;retry_after=20");
    expect(state().reason).toMatchObject({ slug: "busy" });
    expect((state().retryAt ?? 0) - Date.now()).toBeGreaterThanOrEqual(20_000);
  });

  it("comes back with back-off after 1001 and 1011 covers(004-25, 004-28)", async () => {
    for (const code of [1001, 1011]) {
      await connectOpen();
      const count = server.sockets.length;
      server.last.closes(code);
      await pass(999);
      expect(server.sockets).toHaveLength(count);
      await pass(1);
      expect(server.sockets).toHaveLength(count + 1);
      client.connection.stop();
    }
  });

  it("leaves 30 s after 4006", async () => {
    await connectOpen();
    server.last.fails(4006, "connection_limit");
    await pass(29_999);
    expect(server.sockets).toHaveLength(1);
    await pass(7_000);
    expect(server.sockets).toHaveLength(2);
  });

  it.each([4009, 4010, 4012])("comes back at once after %i", async (code) => {
    await connectOpen();
    server.last.fails(code, "slow_consumer");
    await pass(0);
    expect(server.sockets).toHaveLength(2);
  });
});

describe("tokens", () => {
  it("asks once for a fresh token after 4002, and stops when that is refused too", async () => {
    const asked: boolean[] = [];
    const getToken = ({ isStale }: { isStale: boolean }) => {
      asked.push(isStale);
      return isStale ? "new.b.c" : "old.b.c";
    };
    await connect({ getToken });
    server.last.fails(4002, "token_expired");
    await pass(0);
    expect(asked).toEqual([false, true]);
    expect(server.last.protocols[1]).toBe("bearer.new.b.c");
    server.last.fails(4002, "token_invalid");
    await pass(60_000);
    expect(server.sockets).toHaveLength(2);
    expect(state()).toMatchObject({ status: "stopped", reason: { code: 4002, slug: "token_invalid" } });
  });

  it("may refresh again once a connection was stable", async () => {
    await connect();
    for (let round = 0; round < 3; round += 1) {
      server.last.greets();
      await pass(31_000);
      server.last.fails(4002, "token_expired");
      await pass(0);
    }
    expect(server.sockets).toHaveLength(4);
  });

  it("sends a fresh token on the same socket when the server says that it ends", async () => {
    await connectOpen({ getToken: ({ isStale }: { isStale: boolean }) => (isStale ? "new.b.c" : "old.b.c") });
    server.last.push({ type: "token_expiring", data: { expires_in: 60 } });
    await settle();
    expect(server.last.commands("authenticate")).toMatchObject([{ data: { token: "new.b.c" } }]);
  });
});

describe("heartbeat", () => {
  it("pings every 20 s and stays as long as the server answers", async () => {
    await connectOpen();
    await pass(200_000);
    expect(server.last.commands("ping")).toHaveLength(10);
    expect(state().status).toBe("open");
  });

  it("closes after 40 s of silence and comes back at once", async () => {
    await connectOpen();
    server.answers.ping = () => null;
    await pass(39_999);
    expect(state().status).toBe("open");
    await pass(1);
    expect(server.sockets[0]?.closedWith).toEqual({ code: 4012, reason: "heartbeat_timeout" });
    await pass(1);
    expect(server.sockets).toHaveLength(2);
  });

  it("takes any frame as a sign of life", async () => {
    await connectOpen();
    server.answers.ping = () => null;
    for (let turn = 0; turn < 10; turn += 1) {
      await pass(30_000);
      server.last.push({ type: "unknown.event", topic: "user:1", at: "", data: {} });
    }
    expect(server.sockets).toHaveLength(1);
  });

  it("uses the server's own figures", async () => {
    await connect();
    server.last.greets({ heartbeat: { interval: 5, timeout: 10 } });
    await pass(50_000);
    expect(server.last.commands("ping")).toHaveLength(10);
  });
});

it("reads nothing into frames it does not know", async () => {
  await connectOpen();
  for (const frame of ["", "null", "[]", "{", '{"type":1}', '{"type":"reply","data":{}}', '{"type":"x","data":[]}']) {
    server.last.push(frame);
  }
  server.last.push({ type: "reply", ref: "c999", data: {} });
  server.last.push({ type: "hint", data: { some: "thing" } });
  expect(state().status).toBe("open");
  expect(HELLO.protocol).toBe("carillon.v1");
});
