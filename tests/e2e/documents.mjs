// The documents' own front-end code in a browser: their snippet, their header, their service, their two pages.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { bundle, check } from "./support/bundle.mjs";
import { scenario } from "./support/scenario.mjs";

const APPLICATION = "tests/e2e/documents";
const TYPES = { css: "text/css", js: "text/javascript", html: "text/html" };
const BURST = `
from django.contrib.auth import get_user_model
from django.db import transaction
from carillon.notifications import notify

with transaction.atomic():
    for number in range(50):
        notify(get_user_model().objects.get(username="alice"), title=f"Rafale {number}")
`;
const run = promisify(execFile);
const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function until(condition, what) {
  const end = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited for ${what}`);
    await wait(20);
  }
}

/** Puts the application under `/documents/` of the server's own origin, for one signed-in person. */
async function install(context, url, token) {
  const files = await bundle(APPLICATION);
  const styles = [...files.keys()].filter((name) => name.endsWith(".css"));
  const links = styles.map((name) => `<link rel="stylesheet" href="/documents/${name}">`).join("");
  const html = `<!doctype html><html lang="fr"><title>Documents</title>${links}<body><script type="module" src="/documents/entry.js"></script>`;
  await context.addInitScript((value) => {
    globalThis.token = value;
  }, token);
  // What a test puts there has no address of this machine.
  await context.grantPermissions(["local-network-access"]);
  await context.route(`${url}/documents/**`, (route) => {
    const name = new URL(route.request().url()).pathname.replace("/documents/", "");
    const body = files.get(name) ?? html;
    return route.fulfill({ body, contentType: TYPES[files.has(name) ? name.split(".").pop() : "html"] });
  });
}

/** Everything that a page says on the documents' socket and hears there, and every word of its console. */
function listen(page) {
  const heard = { sockets: [], sent: [], frames: [], logged: [] };
  page.on("websocket", (socket) => {
    if (!socket.url().endsWith("/ws/notifications/")) return;
    heard.sockets.push(socket);
    socket.on("framesent", ({ payload }) => heard.sent.push(payload));
    socket.on("framereceived", ({ payload }) => heard.frames.push(JSON.parse(payload)));
  });
  page.on("console", async (message) => {
    if (!message.text().startsWith("Nouvelle notification:")) return;
    // In its place before it is read, so that the order is the page's.
    const at = heard.logged.push(null) - 1;
    heard.logged[at] = await message.args()[1].jsonValue();
  });
  return heard;
}

const badge = (page) => page.locator(".carillon-badge").textContent({ timeout: 100 }).catch(() => "0");
const badgeIs = (page, count) => until(async () => (await badge(page)) === String(Math.min(count, 100)).replace("100", "99+"), `the badge to show ${count}`);
const connected = (page) => page.locator("output[data-connected=true]").waitFor();
const counted = (page) => page.evaluate(() => globalThis.services.notifications.unreadCount());

await scenario(async ({ context, page, url, input, trouble }) => {
  const headers = { "content-type": "application/json", authorization: `Bearer ${input.ringer}` };
  const ring = async (title) => {
    const body = JSON.stringify({ username: "alice", title, message: "Vous avez reçu un nouveau message" });
    const answer = await fetch(`${url}/api/v1/demo/ring/`, { method: "POST", headers, body });
    if (answer.status !== 201) throw new Error(`ring: ${answer.status} ${await answer.text()}`);
    return (await answer.json()).id;
  };

  // They compile under strict rules, covers(000-25, 000-26, 000-27, 001-28, 001-29, 001-30, 001-31, 001-32).
  const compiled = check(APPLICATION);
  await install(context, url, input.token);

  // The snippet, below a header with `Notifications`, covers(000-29, 000-30, 000-31, 000-32).
  const heard = listen(page);
  await page.goto("/documents/snippet");
  await connected(page);
  await until(() => heard.sent.length > 0, "the snippet to say its piece");
  const before = await counted(page);
  await badgeIs(page, before);
  const first = await ring("Premier");
  await until(() => heard.logged.filter(Boolean).length === 1, "the snippet to log what rang");
  await badgeIs(page, before + 1);
  await page.getByRole("button", { name: /^Notifications/ }).click();
  await page.locator(".carillon-panel").getByText("Premier").waitFor();
  const said = [...new Set(heard.sent)];

  // A burst: each once, in its order, covers(000-26).
  await run(input.carillon, ["shell", "-v0", "-c", BURST], { env: input.environment });
  await until(() => heard.logged.filter(Boolean).length === 51, "the whole burst");
  await badgeIs(page, before + 51);
  const burst = heard.logged.slice(1).map(({ title }) => title);

  // Read by the service is read in the header, at every address, covers(000-23, 001-28).
  const marked = await page.evaluate((id) => globalThis.services.notifications.markRead(id), first);
  await badgeIs(page, before + 50);
  const flat = await page.evaluate(async (id) => {
    const { bell, mentoring } = globalThis.services;
    await bell.markUnread(id);
    const one = await mentoring.markRead(id);
    return { one, counts: [await bell.unreadCount(), await mentoring.unreadCount()] };
  }, first);
  const frame = heard.frames.at(-1);

  // The server goes and comes back: so do snippet and header, covers(000-28).
  const { length } = heard.sockets;
  await writeFile(input.restart, "");
  await until(() => !existsSync(input.restart), "the server's restart");
  await until(() => heard.sockets.length > length, "a new socket");
  await connected(page);
  await until(() => heard.frames.length > 0 && !heard.sockets.at(-1).isClosed(), "an open socket");
  await until(async () => {
    await ring("Après");
    await wait(300);
    return heard.logged.at(-1)?.title === "Après";
  }, "the snippet to hear again");
  await badgeIs(page, await counted(page));

  // The mentor's page and the mentee's, covers(001-30, 001-31, 001-32).
  const roles = {};
  for (const role of ["mentor", "mentee"]) {
    const other = await context.newPage();
    await other.goto(`/documents/${role}`);
    await connected(other);
    const unread = await counted(other);
    await badgeIs(other, unread);
    const rows = other.locator(".carillon-center-card .carillon-row");
    await rows.first().waitFor();
    const heading = await other.getByRole("heading", { level: 1 }).textContent();
    await ring(`Pour ${role}`);
    await badgeIs(other, unread + 1);
    await other.getByText(`Pour ${role}`).first().waitFor();
    await other.getByRole("button", { name: "Tout marquer comme lu" }).first().click();
    await badgeIs(other, 0);
    await badgeIs(page, 0);
    await until(async () => (await counted(other)) === 0, "the server to know it");
    roles[role] = heading;
    await other.close();
  }

  const polls = await polling(await context.newPage(), ring);
  await compiled;
  return { said, burst, marked, flat, frame, first, logged: heard.logged[0], roles, polls, trouble };
});

/** Asks every 30 s only while there is no socket, by a clock that the test moves, covers(001-05). */
async function polling(page, ring) {
  let isDown = true;
  let asked = 0;
  let open = 0;
  await page.clock.install();
  // Time passes only in `during`: what a busy machine takes for the page is not counted among the thirty seconds.
  await page.clock.pauseAt(Date.now() + 1_000);
  await page.routeWebSocket(/\/ws\//, (socket) => {
    if (isDown) return socket.close({ code: 1011, reason: "away" });
    const server = socket.connectToServer();
    // A heartbeat is answered before the clock goes on.
    socket.onMessage((text) => {
      if (JSON.parse(text).type === "ping") open += 1;
      server.send(text);
    });
    server.onMessage((text) => {
      if (JSON.parse(text).type === "reply") open = Math.max(0, open - 1);
      socket.send(text);
    });
  });
  page.on("request", (request) => {
    if (new URL(request.url()).pathname === "/api/v1/notifications/") asked += 1;
  });
  await page.goto("/documents/mentor");
  await page.locator("output[data-connected=false]").waitFor();
  await page.locator(".carillon-center-card .carillon-row").first().waitFor();

  const during = async (seconds) => {
    const before = asked;
    for (let second = 0; second < seconds; second += 5) {
      await page.clock.runFor(5_000);
      await until(() => open === 0, "the heartbeat's answer");
    }
    return asked - before;
  };
  // Half a step beside the beat, so that a slow machine counts no request twice.
  const first = await during(20);
  const away = [await during(30), await during(30), await during(30)];
  await ring("Pendant l'absence");
  await during(30);
  await badgeIs(page, 1);
  isDown = false;
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await connected(page);
  await until(() => open === 0, "the subscription");
  await during(5);
  const live = await during(120);
  await ring("De retour");
  await badgeIs(page, 2);
  return { first, away, live };
}
