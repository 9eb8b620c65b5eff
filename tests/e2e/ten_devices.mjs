// Ten devices of one person, and two real tabs, do a thousand things while their network is cut at random.
// Every number that any of them ever showed is written to a file, for the test to judge.
import { createWriteStream } from "node:fs";
import { seeded, weighted } from "./support/chance.mjs";
import { Device } from "./support/device.mjs";
import { Line } from "./support/line.mjs";
import { scenario, signIn } from "./support/scenario.mjs";
import { load } from "./support/typescript.mjs";

const DEVICES = 10;
const FAULTS = [
  [5, (line) => line.cut()],
  [3, (line, chance) => line.halfClose(chance.below(2))],
  [3, (line, chance) => healed(line, chance, () => line.stall(), 1_500)],
  [3, (line, chance) => healed(line, chance, () => line.takeDown(), 1_500)],
];
const ACTIONS = [
  [26, "ring"],
  [16, "read"],
  [9, "unread"],
  [8, "archive"],
  [5, "unarchive"],
  [6, "snooze"],
  [3, "unsnooze"],
  [5, "delete"],
  [3, "hesitate"],
  [2, "read_all"],
  [4, "undo"],
  [4, "seen"],
  [2, "clear_read"],
  [2, "reload"],
];
const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function healed(line, chance, harm, most) {
  harm();
  setTimeout(() => line.repair(), 50 + chance.below(most));
}

/** One action of one device; false when it has nothing to do it to. */
function act(device, action, chance) {
  const [from, wanted] = {
    read: ["inbox", (item) => !item.is_read],
    unread: ["inbox", (item) => item.is_read],
    unarchive: ["archive"],
    unsnooze: ["snoozed"],
  }[action] ?? ["inbox"];
  if (action === "undo") return device.undoReadAll();
  if (["read_all", "seen", "clear_read"].includes(action)) return device.range(action) ?? true;
  const items = device.items(from).filter(wanted ?? (() => true));
  if (items.length === 0) return false;
  const ids = chance.some(items.slice(0, 15), 3).map(({ id }) => id);
  if (action === "hesitate") device.hesitate(ids);
  else device.change(action, ids, action === "snooze" ? new Date(Date.now() + 800 + chance.below(3_000)).toISOString() : undefined);
  return true;
}

/** Notes every number that the page's bell shows, in the page itself, from the first that it knows. */
function watchBell() {
  window.shown = [];
  const read = () => document.querySelector(".carillon-bell .carillon-badge")?.textContent ?? "0";
  const note = () => {
    const now = read();
    if (now !== window.shown.at(-1)) window.shown.push(now);
  };
  note();
  new MutationObserver(note).observe(document.body, { subtree: true, childList: true, characterData: true });
}

await scenario(async ({ context, page, url, input, trouble }) => {
  const { seed, actions, gap, token, record: path } = input;
  const chance = seeded(seed);
  const port = Number(new URL(url).port);
  const out = createWriteStream(path);
  const record = (line) => out.write(`${JSON.stringify(line)}\n`);
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  const ask = async (way, body) => {
    const init = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
    const answer = await fetch(`${url}/api/v1/${way}/`, init);
    // Busy: it wrote nothing, and says so.
    if (answer.status === 503) return ask(way, body);
    if (!answer.ok) throw new Error(`${way}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };

  const module = await load("packages/client/src/index.ts");
  const devices = Array.from({ length: DEVICES }, (_, index) => new Device(`d${index}`, { module, token, port, record }));
  const pageLine = await new Line(port).open();
  for (const device of devices) {
    await device.line.open();
    device.start();
  }
  await signIn(page, "alice");
  const tabs = [await context.newPage(), await context.newPage()];
  for (const tab of tabs) {
    await tab.goto(`${pageLine.url}/`);
    await tab.locator(".carillon-bell .carillon-badge").waitFor();
    await tab.evaluate(watchBell);
  }

  const lines = [...devices.map(({ line }) => line), pageLine];
  const rings = [null, null];
  const done = {};
  for (let count = 0; count < actions; ) {
    if (chance.next() < 0.12) weighted(chance, FAULTS)(chance.pick(lines), chance);
    const action = weighted(chance, ACTIONS);
    const device = chance.pick(devices);
    if (action === "ring") {
      // Two at a time: what else is done at this moment is not held up.
      await rings.shift();
      rings.push(ask("demo/ring", { username: "alice", title: `Sonnerie ${count}`, message: "" }));
    } else if (action === "reload") {
      device.stop();
      device.start();
    } else if (!device.isReady || !act(device, action, chance)) {
      await wait(1);
      continue;
    }
    done[action] = (done[action] ?? 0) + 1;
    count += 1;
    await wait(chance.below(2 * gap));
  }

  await Promise.all(rings);
  for (const line of lines) line.repair();
  // A page is told by its browser that there is network again.
  pageLine.cut();
  for (const tab of tabs) await tab.evaluate(() => dispatchEvent(new Event("online")));
  const { inbox, shown } = await agreed();
  for (const device of devices) device.stop();
  for (const line of lines) await line.close();
  await new Promise((resolve) => out.end(resolve));
  return { done, shown, inbox, trouble };

  /** Waits until nobody sleeps, nothing is undecided, and everybody is where the server is. */
  async function agreed() {
    const end = Date.now() + input.patience;
    const [first] = devices;
    for (;;) {
      for (const device of devices) device.retry();
      const asleep = first.items("snoozed").map(({ id }) => id);
      if (asleep.length > 0 && first.isReady) first.change("unsnooze", asleep);
      const { inbox } = await ask("notifications/inbox");
      const badge = inbox.unread > 99 ? "99+" : String(inbox.unread);
      const shown = await Promise.all(tabs.map((tab) => tab.evaluate(() => window.shown)));
      const late = devices.filter((device) => !device.isSettled(inbox.version));
      if (asleep.length + late.length === 0 && shown.every((numbers) => numbers.at(-1) === badge)) return { inbox, shown };
      if (Date.now() > end) {
        const wrong = [...late.map((device) => device.describe()), ...shown.map((numbers) => numbers.at(-1))];
        throw new Error(`they do not agree on ${JSON.stringify(inbox)}: ${JSON.stringify(wrong, null, 1)}`);
      }
      await wait(100);
    }
  }
});
