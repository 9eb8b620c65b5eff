/**
 * How quick the page is, in a real browser over the built demo: opening, and the time from a key or click to the next paint
 * with a long list.  It counts processor time, so that a busy machine does not matter.
 *   node scripts/measure.mjs [how many notifications, 10000] [how many messages, 100000]
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { Fake } from "./fake.mjs";

const DIST = join(dirname(fileURLToPath(import.meta.url)), "../dist");
const ORIGIN = "http://carillon.test";
const count = Number(process.argv[2] ?? 10_000);

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
const say = (name, value) => process.stdout.write(`${name.padEnd(44)} ${value}\n`);

async function openPage(path, options) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const fake = new Fake(options);
  await fake.install(page, ORIGIN, DIST);
  await page.goto(ORIGIN + path);
  return { page, fake };
}

const PARTS = { TaskDuration: "all", ScriptDuration: "script", RecalcStyleDuration: "style", LayoutDuration: "layout" };

/** The processor time that the page spent until two frames after one input. */
async function cost(page, times, act) {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const read = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return Object.fromEntries(metrics.map(({ name, value }) => [name, value * 1000]));
  };
  const turns = [];
  for (let turn = 0; turn < times; turn += 1) {
    const before = await read();
    await act(turn);
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    const after = await read();
    turns.push(Object.keys(PARTS).map((name) => after[name] - before[name]));
  }
  await session.detach();
  turns.sort(([one], [other]) => one - other);
  const show = (turn) =>
    Object.values(PARTS)
      .map((part, index) => `${part} ${turn[index].toFixed(0)}`)
      .join(" ");
  return `ms median: ${show(turns[Math.floor(turns.length / 2)])} | most: ${show(turns.at(-1))}`;
}

/** How many frames a second came while the wheel turned, and how long the longest took. */
async function frames(page, time) {
  await page.evaluate(() => {
    globalThis.times = [];
    const tick = (now) => {
      globalThis.times.push(now);
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  await page.mouse.move(800, 400);
  for (const end = Date.now() + time; Date.now() < end; ) {
    await page.mouse.wheel(0, -300);
    await page.waitForTimeout(50);
  }
  const times = await page.evaluate(() => globalThis.times);
  const gaps = times.slice(1).map((at, index) => at - times[index]);
  const sorted = gaps.toSorted((one, other) => one - other);
  const rate = ((times.length - 1) * 1000) / (times.at(-1) - times[0]);
  return `${rate.toFixed(1)} a second, longest ${sorted.at(-1).toFixed(0)} ms, 99 % under ${sorted[Math.floor(sorted.length * 0.99)].toFixed(0)} ms`;
}

{
  const { page } = await openPage("/", {});
  await page.locator(".carillon-badge").first().waitFor();
  const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
  say("home: first contentful paint", `${paint?.toFixed(0)} ms`);
  say("home: bell knows its count", `${(await page.evaluate(() => performance.now())).toFixed(0)} ms`);
  say("home: open the panel (click to paint)", await cost(page, 1, () => page.locator(".carillon-bell").click()));
  await page.close();
}
{
  const { page, fake } = await openPage("/notifications", { count, longestPage: count });
  await page.locator(".carillon-row-link").first().waitFor();
  await page.waitForTimeout(1500);
  for (const _ of Array.from({ length: count / 60 })) {
    await page.mouse.move(700, 500);
    await page.mouse.wheel(0, 100_000);
    await page.waitForTimeout(60);
  }
  await page.evaluate(() => scrollTo(0, 0));
  await page.waitForTimeout(500);
  say("rows in the page", await page.locator(".carillon-row").count());
  say(`${count}: j`, await cost(page, 20, () => page.keyboard.press("j")));
  say(`${count}: u (read, unread)`, await cost(page, 10, () => page.keyboard.press("u")));
  say(`${count}: e (archive)`, await cost(page, 10, () => page.keyboard.press("e")));
  const bell = await page.locator(".carillon-bell").boundingBox();
  say(`${count}: open the panel over it`, await cost(page, 1, () => page.mouse.click(bell.x + 10, bell.y + 10)));
  await page.keyboard.press("Escape");
  fake.ring();
  await page.waitForTimeout(300);
  await page.locator("input[type=search]").focus();
  say(`${count}: type in the search field`, await cost(page, 3, () => page.keyboard.press("a")));
  await page.close();
}
{
  const messages = Number(process.argv[3] ?? 100_000);
  const { page, fake } = await openPage("/messages/1", { chat: "long", messages, longestPage: messages });
  await page.locator(".carillon-bubble").first().waitFor();
  await page.waitForTimeout(1000);
  const thread = page.locator(".carillon-thread-scroll");
  const talk = fake.chat.talks.get(1);
  say("messages in the page", await page.locator(".carillon-message").count());
  say(`${messages} messages: type a letter`, await cost(page, 10, () => page.keyboard.press("a")));
  const step = (by) => thread.evaluate((view, distance) => view.scrollBy(0, distance), by);
  say(`${messages} messages: scroll by 200 px`, await cost(page, 60, () => step(-200)));
  say(`${messages} messages: scroll by 1,000,000 px`, await cost(page, 5, () => step(-1_000_000)));
  say(`${messages} messages: one comes`, await cost(page, 5, () => fake.chat.say(talk, "awa", "Bonjour")));
  say(`${messages} messages: jump to latest`, await cost(page, 1, () => page.locator(".carillon-jump").last().click()));
  await page.close();
}
{
  const { page } = await openPage("/messages/1", { chat: "long", messages: 20_000 });
  await page.locator(".carillon-bubble").first().waitFor();
  await page.waitForTimeout(500);
  say("paging upwards, 20 wheels a second: frames", await frames(page, 4000));
  await page.close();
}
await browser.close();
