// The first ring, as a person sees it: two tabs, a ring from the server, a ring from a shell, seen, read, followed.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { picture, scenario, signIn } from "./support/scenario.mjs";

const run = promisify(execFile);

/** What the badge says, 0 without one. */
const unread = (page) => page.evaluate(() => Number(document.querySelector(".carillon-bell .carillon-badge")?.textContent ?? 0));

const badgeIs = (page, count) =>
  // By time and not by frames, which a tab in the background has none of.
  page.waitForFunction((wanted) => Number(document.querySelector(".carillon-bell .carillon-badge")?.textContent ?? 0) === wanted, count, {
    polling: 25,
  });

/** Note in the page when its badge changes, so that no round trip is measured. */
const watchBadge = (page) =>
  page.evaluate(() => {
    window.changes = [];
    let last = document.querySelector(".carillon-bell .carillon-badge")?.textContent;
    new MutationObserver(() => {
      const now = document.querySelector(".carillon-bell .carillon-badge")?.textContent;
      if (now !== last) window.changes.push(Date.now());
      last = now;
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });

async function bearer(url) {
  const answer = await fetch(`${url}/api/token/`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: "bruno", password: "bruno" }),
  });
  return (await answer.json()).access;
}

await scenario(async ({ context, page, url, input, trouble }) => {
  const foreign = [];
  context.on("request", (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith(url.replace("http", "ws"))) foreign.push(request.url());
  });
  await signIn(page, "alice");
  const other = await context.newPage();
  await other.goto("/");
  await page.locator(".carillon-bell .carillon-badge").waitFor();
  await badgeIs(other, await unread(page));
  const before = await unread(page);

  // In the server: five rings by REST, each told in both tabs.
  const token = await bearer(url);
  await Promise.all([watchBadge(page), watchBadge(other)]);
  const delays = [];
  for (let n = 1; n <= 5; n++) {
    const answer = await fetch(`${url}/api/v1/demo/ring/`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ username: "alice", title: `Sonnerie ${n}`, url: "/ring" }),
    });
    if (answer.status !== 201) throw new Error(`ring: ${answer.status} ${await answer.text()}`);
    const answered = Date.now();
    await Promise.all([badgeIs(page, before + n), badgeIs(other, before + n)]);
    const seen = await Promise.all([page, other].map((tab) => tab.evaluate(() => window.changes.at(-1))));
    delays.push(Math.max(...seen) - answered);
  }

  // In another process, which shares nothing but the database.
  await run(input.carillon, ["notify", "alice", "Depuis un terminal", "--url", "/ring"], { env: input.environment });
  const left = Date.now();
  await Promise.all([badgeIs(page, before + 6), badgeIs(other, before + 6)]);
  const fromShell = Date.now() - left;
  const title = await page.title();

  // Opened is seen, not read; one read in one tab is one less in both.
  await page.locator(".carillon-bell").click();
  const first = page.locator(".carillon-panel .carillon-row").first();
  await first.waitFor();
  await picture(page, "bell-open");
  const afterOpening = await unread(other);
  await first.getByRole("link").first().click();
  await Promise.all([badgeIs(page, before + 5), badgeIs(other, before + 5)]);
  const address = new URL(page.url()).pathname;

  // All read in one is none in both.
  await page.locator(".carillon-bell").click();
  await page.locator(".carillon-panel").getByRole("button", { name: /Tout marquer comme lu|Mark all as read/ }).first().click();
  await Promise.all([badgeIs(page, 0), badgeIs(other, 0)]);
  return { before, delays, fromShell, title, afterOpening, address, foreign, trouble };
});
