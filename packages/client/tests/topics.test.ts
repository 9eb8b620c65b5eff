/** Resume: positions, repeats, gaps, resync, withdrawal. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type CarillonClient,
  createClient,
  type EventFrame,
  type Follow,
  OWN_TOPIC,
  type Position,
} from "../src/index.js";
import { at, FakeServer, settle } from "./support/fake_server.js";

let server: FakeServer;
let client: CarillonClient;

class Reader {
  readonly got: (number | undefined)[] = [];
  readonly resyncs: string[] = [];
  ended: string | null = null;
  readonly follow: Follow;

  constructor(topic: string, position: Position | null) {
    const handlers = {
      onEvent: (event: EventFrame) => void this.got.push(event.offset),
      onResync: (reason: string) => void this.resyncs.push(reason),
      onEnd: ({ code }: { code: string }) => {
        this.ended = code;
      },
    };
    this.follow = client.follow(topic, handlers, position);
  }
}

function push(offset: number | undefined, topic = "user:1", epoch = "e1"): void {
  const position = offset === undefined ? {} : { epoch, offset };
  server.last.push({ type: "thing.happened", topic, at: "", data: {}, ...position });
}

const subscribes = () => server.last.commands("subscribe").map(({ data }) => data);

beforeEach(async () => {
  vi.useFakeTimers();
  server = new FakeServer();
  client = createClient(server.options({ getToken: () => "a.b.c" }));
  client.connection.start();
  await settle();
});

afterEach(() => {
  client.destroy();
  vi.useRealTimers();
});

async function reconnect(position: Position): Promise<void> {
  server.last.closes(1006);
  await vi.advanceTimersByTimeAsync(30_000);
  server.last.greets({ position });
  await settle();
}

describe("our own topic", () => {
  it("needs no subscription when the snapshot is as new as the greeting", async () => {
    server.last.greets({ position: at(10) });
    const reader = new Reader(OWN_TOPIC, at(10));
    push(11);
    push(12);
    expect(subscribes()).toEqual([]);
    expect(reader.got).toEqual([11, 12]);
    expect(reader.follow.position).toEqual(at(12));
  });

  it("drops what the snapshot contains already", async () => {
    server.last.greets({ position: at(10) });
    const reader = new Reader(OWN_TOPIC, at(12));
    for (const offset of [11, 12, 13, 13, 12, 14]) push(offset);
    expect(subscribes()).toEqual([]);
    expect(reader.got).toEqual([13, 14]);
  });

  it("asks for what lies between an older snapshot and the greeting", async () => {
    server.last.greets({ position: at(10) });
    const reader = new Reader(OWN_TOPIC, at(7));
    expect(subscribes()).toEqual([{ topic: "user:1", position: at(7) }]);
    await settle();
    for (const offset of [8, 9, 10, 11]) push(offset);
    expect(reader.got).toEqual([8, 9, 10, 11]);
    expect(subscribes()).toHaveLength(1);
  });

  it("resumes where it was after a reconnect", async () => {
    server.last.greets({ position: at(10) });
    const reader = new Reader(OWN_TOPIC, at(10));
    push(11);
    await reconnect(at(14));
    expect(subscribes()).toEqual([{ topic: "user:1", position: at(11) }]);
    for (const offset of [12, 13, 14, 15]) push(offset);
    expect(reader.got).toEqual([11, 12, 13, 14, 15]);
  });

  it("asks nothing after a reconnect without news", async () => {
    server.last.greets({ position: at(10) });
    const reader = new Reader(OWN_TOPIC, at(10));
    await reconnect(at(10));
    push(11);
    expect(subscribes()).toEqual([]);
    expect(reader.got).toEqual([11]);
  });

  it("serves readers at different positions, each exactly once", async () => {
    server.last.greets({ position: at(10) });
    const bell = new Reader(OWN_TOPIC, at(10));
    push(11);
    const page = new Reader(OWN_TOPIC, at(9));
    await settle();
    expect(subscribes()).toEqual([{ topic: "user:1", position: at(9) }]);
    for (const offset of [10, 11, 12]) push(offset);
    expect(bell.got).toEqual([11, 12]);
    expect(page.got).toEqual([10, 11, 12]);
  });

  it("is found under its name on the wire too, without being unsubscribed", async () => {
    server.last.greets({ position: at(10) });
    const named = new Reader("user:1", at(10));
    await settle();
    const own = new Reader(OWN_TOPIC, at(10));
    push(11);
    expect(named.got).toEqual([11]);
    expect(own.got).toEqual([11]);
    named.follow.stop();
    expect(server.last.commands("unsubscribe")).toEqual([]);
  });
});

describe("gaps", () => {
  it("asks again from where it was, and ignores what comes too early", async () => {
    server.last.greets({ position: at(10) });
    const reader = new Reader(OWN_TOPIC, at(10));
    push(11);
    for (const offset of [14, 15, 16, 17, 18]) push(offset);
    expect(reader.got).toEqual([11]);
    expect(subscribes()).toEqual([{ topic: "user:1", position: at(11) }]);
    await settle();
    for (const offset of [12, 13, 14, 15, 16, 17, 18, 19]) push(offset);
    expect(reader.got).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19]);
    expect(reader.resyncs).toEqual([]);
  });

  it("lets the server judge another epoch", async () => {
    server.last.greets({ position: at(10) });
    const reader = new Reader(OWN_TOPIC, at(10));
    push(1, "user:1", "e2");
    expect(reader.got).toEqual([]);
    expect(subscribes()).toEqual([{ topic: "user:1", position: at(10) }]);
    await settle();
    server.last.push({ type: "resync", topic: "user:1", data: { reason: "epoch", position: at(1, "e2") } });
    expect(reader.resyncs).toEqual(["epoch"]);
    push(2, "user:1", "e2");
    expect(reader.got).toEqual([]);
    reader.follow.resume(at(2, "e2"));
    expect(subscribes().at(-1)).toEqual({ topic: "user:1", position: at(2, "e2") });
    await settle();
    push(3, "user:1", "e2");
    expect(reader.got).toEqual([3]);
  });

  it("sends a reader to its snapshot when the server goes on later than asked", async () => {
    server.last.greets({ position: at(10) });
    server.answers.subscribe = () => ({ topic: "user:1", position: at(10) });
    const reader = new Reader(OWN_TOPIC, at(7));
    await settle();
    expect(reader.resyncs).toEqual(["gap"]);
    expect(subscribes()).toHaveLength(1);
  });

  it("does not ask for ever when the gaps do not close", async () => {
    server.last.greets({ position: at(10) });
    const reader = new Reader(OWN_TOPIC, at(10));
    for (let turn = 0; turn < 10; turn += 1) {
      push(20 + turn);
      await settle();
    }
    expect(reader.resyncs).toEqual(["gap"]);
    expect(subscribes().length).toBeLessThanOrEqual(4);
  });
});

describe("resync", () => {
  it.each(["epoch", "too_old", "ahead"])("tells all readers the reason %s once, and resumes each", async (reason) => {
    server.last.greets({ position: at(10) });
    const bell = new Reader(OWN_TOPIC, at(10));
    const page = new Reader(OWN_TOPIC, at(10));
    const frame = { type: "resync", topic: "user:1", data: { reason, position: at(30) } };
    server.last.push(frame);
    server.last.push(frame);
    expect([bell.resyncs, page.resyncs]).toEqual([[reason], [reason]]);
    bell.follow.resume(at(30));
    await settle();
    push(31);
    page.follow.resume(at(30));
    await settle();
    push(31);
    push(32);
    expect(bell.got).toEqual([31, 32]);
    expect(page.got).toEqual([31, 32]);
    expect(subscribes()).toEqual([
      { topic: "user:1", position: at(30) },
      { topic: "user:1", position: at(30) },
    ]);
  });

  it("waits for the snapshot even across a reconnect", async () => {
    server.last.greets({ position: at(10) });
    const reader = new Reader(OWN_TOPIC, at(10));
    server.last.push({ type: "resync", topic: "user:1", data: { reason: "too_old", position: at(90) } });
    await reconnect(at(95));
    expect(subscribes()).toEqual([]);
    reader.follow.resume(at(93));
    expect(subscribes()).toEqual([{ topic: "user:1", position: at(93) }]);
  });
});

describe("other topics", () => {
  it("are subscribed when open, and again after each reconnect", async () => {
    const reader = new Reader("project:3", null);
    server.answers.subscribe = ({ data }) => ({ topic: data.topic, position: data.position ?? at(5) });
    server.last.greets();
    expect(subscribes()).toEqual([{ topic: "project:3" }]);
    await settle();
    push(6, "project:3");
    push(undefined, "project:3");
    expect(reader.got).toEqual([6, undefined]);
    await reconnect(at(10));
    expect(subscribes()).toEqual([{ topic: "project:3", position: at(6) }]);
  });

  it("are left when nobody follows them any more", async () => {
    server.last.greets();
    const reader = new Reader("project:3", at(5));
    await settle();
    reader.follow.stop();
    expect(server.last.commands("unsubscribe")).toMatchObject([{ data: { topic: "project:3" } }]);
    push(6, "project:3");
    expect(reader.got).toEqual([]);
  });

  it("end without the connection when they are hidden, withdrawn, or closed with 4001", async () => {
    server.answers.subscribe = () => null;
    server.last.greets();
    const hidden = new Reader("project:4", null);
    const ref = server.last.commands("subscribe")[0]?.ref;
    server.last.push({ type: "error", ref, data: { error: "No such topic.", code: "not_found", fatal: false } });
    await settle();
    expect(hidden.ended).toBe("not_found");

    server.answers.subscribe = ({ data }) => ({ topic: data.topic, position: at(5) });
    const withdrawn = new Reader("project:5", null);
    await settle();
    server.last.push({ type: "error", ref: null, data: { error: "Out.", code: "forbidden", topic: "project:5" } });
    expect(withdrawn.ended).toBe("forbidden");
    expect(client.connection.state.getSnapshot().status).toBe("open");

    const closing = new Reader("project:6", null);
    const own = new Reader(OWN_TOPIC, at(10));
    server.last.fails(4001, "forbidden", { topic: "project:6" });
    expect(closing.ended).toBe("forbidden");
    expect(own.ended).toBeNull();
    await vi.advanceTimersByTimeAsync(1_000);
    server.last.greets();
    expect(subscribes()).toEqual([]);
  });

  it("are asked for again when the server was only busy", async () => {
    server.answers.subscribe = () => null;
    server.last.greets();
    const reader = new Reader("project:3", at(5));
    const ref = server.last.commands("subscribe")[0]?.ref;
    server.last.push({ type: "error", ref, data: { error: "Slow down.", code: "rate_limited", retry_after: 3 } });
    await vi.advanceTimersByTimeAsync(3_000);
    expect(subscribes()).toHaveLength(2);
    expect(reader.ended).toBeNull();
  });
});

it("tells each event once to those who listen to its type", async () => {
  server.last.greets({ position: at(10) });
  const heard: unknown[] = [];
  client.on("inbox.corrected", ({ offset }) => heard.push(offset));
  const correct = (offset: number) =>
    server.last.push({ type: "inbox.corrected", topic: "user:1", epoch: "e1", offset, at: "", data: { inbox: {} } });
  for (const offset of [11, 11, 12, 11, 13]) correct(offset);
  expect(heard).toEqual([11, 12, 13]);
});
