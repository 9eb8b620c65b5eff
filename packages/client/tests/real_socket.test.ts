/** The client over real WebSockets: subprotocol, close codes and losses as a network library makes them. */
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { type CarillonClient, createClient, type EventFrame, OWN_TOPIC, type Position } from "../src/index.js";
import { ALICE, at, HELLO } from "./support/fake_server.js";

let server: WebSocketServer;
let client: CarillonClient;
let log: EventFrame[];
const connections: { socket: WebSocket; protocols: string[] }[] = [];

beforeEach(async () => {
  log = [];
  connections.length = 0;
  server = new WebSocketServer({ port: 0, host: "127.0.0.1", handleProtocols: () => "carillon.v1" });
  server.on("connection", serve);
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  client = createClient({
    baseUrl: `http://127.0.0.1:${port}`,
    WebSocket,
    getToken: ({ isStale }) => (isStale ? "new.b.c" : "old.b.c"),
    // A second of back-off is 10 ms here; the patience of heartbeat and answers stays, for machines are slow at times.
    clock: { setTimeout: (work, delay) => setTimeout(work, delay < 10_000 ? delay / 100 : delay) },
  });
});

afterEach(async () => {
  client.destroy();
  for (const socket of server.clients) socket.terminate();
  await new Promise((resolve) => server.close(resolve));
});

function serve(socket: WebSocket, request: IncomingMessage): void {
  const protocols = String(request.headers["sec-websocket-protocol"]).split(/, */);
  connections.push({ socket, protocols });
  const send = (frame: unknown) => socket.send(JSON.stringify(frame));
  if (protocols.includes("bearer.expired")) {
    send({ type: "error", ref: null, data: { error: "It has ended.", code: "token_expired", fatal: true } });
    socket.close(4002, "token_expired");
    return;
  }
  socket.on("message", (text) => {
    const { type, ref, data } = JSON.parse(String(text)) as { type: string; ref: string; data: { position: Position } };
    send({ type: "reply", ref, data: type === "subscribe" ? { topic: "user:1", position: data.position } : {} });
    if (type === "subscribe") for (const event of log.slice(data.position.offset)) send(event);
  });
  send({ type: "hello", data: { ...HELLO, person: ALICE, position: at(log.length) } });
}

function write(): void {
  const event = { type: "thing.happened", topic: "user:1", ...at(log.length + 1), at: "", data: {} };
  log.push(event);
  for (const socket of server.clients) socket.send(JSON.stringify(event));
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error("It did not happen in time.");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

const status = () => client.connection.state.getSnapshot().status;

it("opens with both subprotocols, and answers commands", async () => {
  client.connection.start();
  await until(() => status() === "open");
  expect(connections[0]?.protocols).toEqual(["carillon.v1", "bearer.old.b.c"]);
  expect(await client.command("ping")).toEqual({});
});

it("loses no event and repeats none while the connection is cut again and again", async () => {
  const got: (number | undefined)[] = [];
  client.follow(OWN_TOPIC, { onEvent: ({ offset }) => got.push(offset), onResync: () => got.push(-1) }, at(0));
  client.connection.start();
  for (let round = 0; round < 4; round += 1) {
    await until(() => status() === "open");
    for (let count = 0; count < 10; count += 1) write();
    for (const socket of server.clients) socket.terminate();
    for (let count = 0; count < 10; count += 1) write();
    await until(() => status() !== "open");
  }
  await until(() => got.length >= 80);
  expect(got).toEqual(Array.from({ length: 80 }, (_, index) => index + 1));
});

it("comes back from a real 4002 with a fresh token", async () => {
  server.removeListener("connection", serve);
  let isFirst = true;
  server.on("connection", (socket, request) => {
    if (isFirst) request.headers["sec-websocket-protocol"] = "carillon.v1, bearer.expired";
    isFirst = false;
    serve(socket, request);
  });
  client.connection.start();
  await until(() => status() === "open");
  expect(connections[1]?.protocols).toEqual(["carillon.v1", "bearer.new.b.c"]);
});

it("says goodbye with 1000", async () => {
  client.connection.start();
  await until(() => status() === "open");
  const code = new Promise((resolve) => connections[0]?.socket.on("close", resolve));
  client.connection.stop();
  expect(await code).toBe(1000);
});
