/** The connection and its page: network, visibility, hidden tabs, stopping. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type CarillonClient, createClient } from "../src/index.js";
import { FakeServer, settle } from "./support/fake_server.js";

let server: FakeServer;
let client: CarillonClient;
let page: EventTarget & { visibilityState: string };

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

describe("the page", () => {
  it("tries at once when the network is back, also after giving up", async () => {
    await connect();
    for (let failure = 1; failure <= 4; failure += 1) {
      server.last.closes(1006);
      if (failure < 4) await pass(10_000);
    }
    expect(state().status).toBe("waiting");
    page.dispatchEvent(new Event("online"));
    await settle();
    expect(server.sockets).toHaveLength(5);
    for (let failure = 5; failure <= 10; failure += 1) {
      server.last.closes(1006);
      await pass(40_000);
    }
    expect(state().status).toBe("stopped");
    page.dispatchEvent(new Event("online"));
    await settle();
    expect(state().status).toBe("connecting");
  });

  it("asks an open socket for life when the reader comes back, and drops one that died asleep", async () => {
    await connectOpen();
    page.dispatchEvent(new Event("visibilitychange"));
    expect(server.last.commands("ping")).toHaveLength(1);
    await settle();
    vi.setSystemTime(Date.now() + 3_600_000);
    page.dispatchEvent(new Event("visibilitychange"));
    await pass(0);
    expect(server.sockets).toHaveLength(2);
  });

  it("keeps the heartbeat going in a hidden page, whose own timers are slowed down", async () => {
    const ticks: (() => void)[] = [];
    class FakeWorker {
      set onmessage(tick: () => void) {
        ticks.push(tick);
      }
      terminate() {
        ticks.pop();
      }
    }
    vi.stubGlobal("Worker", FakeWorker);
    await connectOpen();
    page.visibilityState = "hidden";
    page.dispatchEvent(new Event("visibilitychange"));
    expect(ticks).toHaveLength(1);
    ticks[0]?.();
    expect(server.last.commands("ping")).toHaveLength(1);
    page.visibilityState = "visible";
    page.dispatchEvent(new Event("visibilitychange"));
    expect(ticks).toHaveLength(0);
  });
});

describe("stopping", () => {
  it("closes with 1000, stays closed, and starts again when asked", async () => {
    await connectOpen();
    client.connection.stop();
    expect(server.last.closedWith?.code).toBe(1000);
    expect(state().status).toBe("idle");
    await pass(60_000);
    expect(server.sockets).toHaveLength(1);
    client.connection.start();
    await settle();
    server.last.greets();
    expect(state().status).toBe("open");
  });

  it("drops a token that comes after the stop", async () => {
    let give: (token: string) => void = () => {};
    await connect({ getToken: () => new Promise<string>((resolve) => (give = resolve)) });
    client.connection.stop();
    give("a.b.c");
    await settle();
    expect(server.sockets).toHaveLength(0);
  });

  it("says since when there has been no socket", async () => {
    await connectOpen();
    await pass(60_000);
    const lostAt = Date.now();
    server.last.closes(1006);
    await pass(1_000);
    server.last.closes(1006);
    await pass(1_500);
    expect(state()).toMatchObject({ status: "waiting", downSince: lostAt });
  });
});
