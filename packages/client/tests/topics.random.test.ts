/** A server that loses the connection, repeats and skips: the reader sees every offset once, in order. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type CarillonClient, createClient, OWN_TOPIC, type Position } from "../src/index.js";
import { at, FakeServer, settle } from "./support/fake_server.js";
import { type Chance, seeded } from "./support/seeded.js";

/** The log of one topic, and what the server still has to send on the current connection. */
class Log {
  head = 10;
  queue: number[] = [];
  readonly #server: FakeServer;

  constructor(server: FakeServer) {
    this.#server = server;
    server.answers.subscribe = ({ data }) => {
      const from = (data.position as Position).offset;
      this.queue = Array.from({ length: this.head - from }, (_, index) => from + 1 + index);
      return { topic: "user:1", position: data.position };
    };
  }

  write(isSent: boolean): void {
    this.head += 1;
    if (isSent) this.queue.push(this.head);
  }

  send(offset: number | undefined): void {
    const event = { type: "thing.happened", topic: "user:1", epoch: "e1", offset, at: "", data: {} };
    if (offset !== undefined) this.#server.last.push(event);
  }

  async reconnect(): Promise<void> {
    this.queue = [];
    this.#server.last.closes(1006);
    await vi.advanceTimersByTimeAsync(30_000);
    this.#server.last.greets({ position: at(this.head) });
    // Ten short-lived connections in a row would be given up.
    await vi.advanceTimersByTimeAsync(30_000);
  }

  async step(chance: Chance): Promise<void> {
    const dice = chance.next();
    if (dice < 0.1) await this.reconnect();
    else if (dice < 0.2) this.write(false);
    else if (dice < 0.3) this.send(this.queue[0]);
    else this.write(true);
    await settle();
    while (this.queue.length > 0 && chance.next() < 0.8) this.send(this.queue.shift());
  }

  async drain(): Promise<void> {
    for (let turn = 0; turn < 5; turn += 1) {
      await settle();
      while (this.queue.length > 0) this.send(this.queue.shift());
    }
  }
}

let server: FakeServer;
let client: CarillonClient;

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

it.each(Array.from({ length: 60 }, (_, seed) => seed))("seed %i", async (seed) => {
  const log = new Log(server);
  server.last.greets({ position: at(log.head) });
  const got: (number | undefined)[] = [];
  const resyncs: string[] = [];
  const handlers = {
    onEvent: ({ offset }: { offset?: number }) => got.push(offset),
    onResync: (reason: string) => resyncs.push(reason),
  };
  client.follow(OWN_TOPIC, handlers, at(log.head));
  const chance = seeded(seed);
  for (let count = 0; count < 60; count += 1) await log.step(chance);
  log.write(true);
  await log.drain();
  expect(resyncs).toEqual([]);
  expect(got).toEqual(Array.from({ length: log.head - 10 }, (_, index) => index + 11));
});
