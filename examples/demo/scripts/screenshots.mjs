/**
 * Pictures of every page and state, to be looked at; and what axe finds in each.
 *   node scripts/screenshots.mjs http://127.0.0.1:8000     of a running server
 *   node scripts/screenshots.mjs --fake [words…]           of the built demo, answered inside the browser
 * Words choose scenes whose file name contains one of them. CHROMIUM names another browser, SCREENSHOTS another folder.
 */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import { chromium } from "playwright-core";
import { Fake } from "./fake.mjs";
import { notifications } from "./fixtures.mjs";
import { scenes } from "./scenes.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const OUT = process.env.SCREENSHOTS ?? join(here, "../screenshots");
const DIST = join(here, "../dist");

const words = process.argv.slice(2);
const isFake = words[0] === "--fake";
const origin = isFake ? "http://carillon.test" : words[0]?.replace(/\/$/, "");
if (!origin) throw new Error("Give the address of a running server, or --fake.");
const chosen = words.slice(1);

const fileOf = ({ name, size, language, theme }) => `${name}-${language}-${theme}-${size}.png`;

/** On a real server a list of a given length is answered in its place. */
async function answerList(page, { language, count, isAllUnread }) {
  const items = notifications(language, count, isAllUnread);
  const unread = items.filter((item) => !item.is_read).length;
  await page.route("**/api/v1/notifications/?*", async (route) => {
    const response = await route.fetch();
    const { position } = await response.json();
    const query = new URL(route.request().url()).searchParams;
    const left = items.filter((item) => item.number < Number(query.get("cursor") ?? Number.MAX_SAFE_INTEGER));
    const results = left.slice(0, Number(query.get("limit") ?? 30));
    const next = left.length > results.length ? String(results.at(-1).number) : null;
    const inbox = { unread, unseen: 0, version: 1_000_000, last_number: items[0]?.number ?? 0 };
    await route.fulfill({ json: { results, next, inbox, position } });
  });
}

/** What axe finds, colours included. */
async function violations(page) {
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { violations: all } = await globalThis.axe.run(document);
    return all.map(
      ({ id, nodes }) =>
        `axe ${id}: ${nodes.length} × ${nodes[0].html.slice(0, 160)} (${nodes[0].any[0]?.message ?? ""})`,
    );
  });
  return found;
}

async function signIn(page) {
  await page.goto(`${origin}/login`);
  await page.locator(".account").first().click();
  await page.locator(".carillon-bell").waitFor();
}

async function open(page, scene) {
  if (isFake) {
    const fake = new Fake({
      language: scene.language,
      count: scene.count,
      isAllUnread: scene.isAllUnread,
      isSignedIn: !scene.isSignedOut,
      chat: scene.chat,
      messages: scene.messages,
    });
    await fake.install(page, origin, DIST);
    await scene.before?.(page);
    await page.goto(origin + scene.path);
    return fake;
  }
  if (!scene.isSignedOut) await signIn(page);
  if (scene.count !== undefined) await answerList(page, scene);
  await scene.before?.(page);
  await page.goto(origin + scene.path);
  return null;
}

async function picture(browser, scene) {
  const context = await browser.newContext({
    viewport: scene.viewport,
    colorScheme: scene.theme,
    locale: scene.language === "fr" ? "fr-FR" : "en-GB",
    timezoneId: "Europe/Paris",
    hasTouch: scene.size === "phone",
    isMobile: scene.size === "phone",
  });
  await context.addInitScript(
    ([language, theme]) => {
      localStorage.setItem("carillon-demo:language", language);
      localStorage.setItem("carillon-demo:theme", theme);
    },
    [scene.language, scene.theme],
  );
  const page = await context.newPage();
  const problems = [];
  page.on("console", (message) => {
    const isExpected = /Failed to load resource|WebSocket connection/.test(message.text());
    if (message.type() === "error" && !isExpected) problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith("blob:"))
      problems.push(`left the origin: ${request.url()}`);
  });
  try {
    const fake = await open(page, scene);
    await scene.ready(page, { fake, isPhone: scene.isPhone });
    await page.waitForTimeout(300);
    problems.push(...(await violations(page)));
  } catch (error) {
    problems.push(String(error).split("\n")[0]);
  }
  await page.screenshot({ path: join(OUT, fileOf(scene)) });
  await context.close();
  return problems;
}

await mkdir(OUT, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
  ],
});
let bad = 0;
for (const scene of scenes()) {
  const file = fileOf(scene);
  if ((scene.isFakeOnly && !isFake) || (chosen.length > 0 && !chosen.some((word) => file.includes(word)))) continue;
  const problems = await picture(browser, scene);
  bad += problems.length;
  process.stdout.write(`${problems.length === 0 ? "ok " : "BAD"} ${file}\n`);
  for (const problem of problems) process.stdout.write(`      ${problem}\n`);
}
await browser.close();
process.exitCode = bad > 0 ? 1 : 0;
