// Where a page's script runs: Node with `ws`, or a page of Chromium. Both keep what it logs and which timers it asks for.
import { createContext, runInContext } from "node:vm";
import { WebSocket } from "ws";

const text = (value) => (typeof value === "string" ? value : JSON.stringify(value));

/** A page in Node: a global scope of its own with a console, timers and a WebSocket that knows the page's cookie. */
export async function nodePage({ url, cookie = "" }) {
  const logged = [];
  const delays = [];
  const sockets = [];
  let isLeft = false;
  const keep = (...words) => logged.push(words.map(text).join(" "));
  class PageSocket extends WebSocket {
    constructor(address) {
      super(address, cookie ? { headers: { cookie, origin: url } } : {});
      // A browser does not end a page over an error that nobody listens to.
      this.on("error", () => {});
      sockets.push(this);
    }
  }
  const later = (work, delay) => {
    delays.push(delay);
    return setTimeout(() => isLeft || work(), delay);
  };
  const scope = createContext({ console: { log: keep, error: keep }, WebSocket: PageSocket, setTimeout: later });
  const call = (code) => runInContext(code, scope);
  return {
    name: "Node",
    logged,
    run: async (code) => void call(code),
    call: async (code) => call(code),
    delays: async () => delays,
    // A page that is left closes its sockets, and nothing of it runs any more.
    close: async () => {
      isLeft = true;
      for (const socket of sockets) socket.terminate();
    },
  };
}

const COUNT_TIMERS = `
globalThis.delays = [];
const later = globalThis.setTimeout;
globalThis.setTimeout = (work, delay) => { globalThis.delays.push(delay); return later(work, delay); };
`;

/** A page of a browser, on the server's own origin. */
export async function browserPage(context, { url }) {
  await context.grantPermissions(["local-network-access"]);
  await context.route(`${url}/printed/`, (route) =>
    route.fulfill({ body: "<!doctype html><title>Printed</title>", contentType: "text/html" }),
  );
  const page = await context.newPage();
  const logged = [];
  page.on("console", async (message) => {
    // In its place before it is read, so that the order is the page's.
    const at = logged.push("") - 1;
    const words = await Promise.all(message.args().map((each) => each.jsonValue().catch(() => "")));
    logged[at] = words.map(text).join(" ");
  });
  await page.addInitScript(COUNT_TIMERS);
  await page.goto(`${url}/printed/`);
  return {
    name: "Chromium",
    logged,
    run: async (code) => void (await page.addScriptTag({ content: code })),
    // In the scope of the scripts of the page, where their constants are.
    call: async (code) => {
      await page.addScriptTag({ content: `globalThis.answer = (() => (${code}))();` });
      return page.evaluate(() => globalThis.answer);
    },
    delays: () => page.evaluate(() => globalThis.delays),
    close: () => page.close(),
  };
}
