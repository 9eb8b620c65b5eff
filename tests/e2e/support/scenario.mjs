// A browser scenario: a fresh Chromium, what the test sent in, and one line of JSON back.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const FLAGS = [
  "--no-sandbox", // Chromium's sandbox refuses to run as root, which CI is
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const url = process.env.SCENARIO_URL;
export const input = JSON.parse(process.env.SCENARIO_INPUT ?? "{}");

/** Run `body({ context, page, url, input, open })` in a browser and report what it returns; `open()` is the page of a further browser. */
export async function scenario(body, options = {}) {
  const opened = [];
  const trouble = [];
  const open = async (others) => {
    const profile = await mkdtemp(join(tmpdir(), "carillon-browser-"));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: process.env.SCENARIO_BROWSER,
      headless: true,
      args: FLAGS,
      baseURL: url,
      locale: "en-GB",
      timezoneId: "Europe/Paris",
      viewport: { width: 1280, height: 800 },
      ...options,
      ...others,
    });
    opened.push({ context, profile });
    context.setDefaultTimeout(15_000);
    context.on("weberror", (problem) => trouble.push(String(problem.error())));
    return context.pages()[0] ?? context.newPage();
  };
  try {
    const page = await open();
    const result = await body({ context: page.context(), page, url, input, trouble, open });
    console.log(`RESULT ${JSON.stringify(result ?? null)}`);
  } finally {
    for (const { context, profile } of opened) {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    }
  }
}

/** Sign in on the demo's own page as a demo person (password = name). */
export async function signIn(page, username) {
  await page.goto("/login");
  await page.locator('input[autocomplete="username"]').fill(username);
  await page.locator('input[autocomplete="current-password"]').fill(username);
  await page.locator('button[type="submit"]').click();
  await page.waitForURL((address) => !address.pathname.startsWith("/login"));
}

/** Save a picture when the test asked for pictures. */
export async function picture(page, name) {
  if (process.env.SCENARIO_PICTURES) {
    await page.screenshot({ path: join(process.env.SCENARIO_PICTURES, `${name}.png`) });
  }
}
