// `ws` on Node: one JSON text for an event, one send() for each client of the topic.
const net = require("node:net");
const { WebSocketServer } = require("ws");

const topics = new Map();
const numbers = new Map();

function membersOf(topic) {
  if (!topics.has(topic)) topics.set(topic, new Set());
  return topics.get(topic);
}

function tell(topic, count, size) {
  for (let i = 0; i < count; i++) {
    const n = numbers.get(topic) ?? 0;
    numbers.set(topic, n + 1);
    const data = { ts: Number(process.hrtime.bigint()), n, text: "x".repeat(size) };
    const text = JSON.stringify({ type: "bench.tick", topic: `bench:${topic}`, data });
    for (const client of membersOf(topic)) client.send(text);
  }
}

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: Number(process.env.PORT),
  perMessageDeflate: false,
  backlog: 4096,
});
server.on("connection", (client, request) => {
  const members = membersOf(request.url.split("t=")[1]);
  members.add(client);
  client.on("close", () => members.delete(client));
});

const control = net.createServer((connection) => {
  let rest = "";
  connection.on("data", (chunk) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      const [, topic, count, size] = line.split(" ");
      tell(topic, Number(count), Number(size));
    }
  });
});
control.listen(Number(process.env.BENCH_CONTROL), "127.0.0.1");
