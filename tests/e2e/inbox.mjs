// A day with the inbox: an answer given in place, filters, a group, search, archive and undo, all read, and no network for a while.
import { network } from "./support/network.mjs";
import { picture, scenario, signIn } from "./support/scenario.mjs";

const WORDS = {
  fr: {
    accept: "Accepter",
    keep: "Garder lundi",
    moved: "Séance déplacée à mardi, 17\u00a0h",
    stays: "La séance reste lundi",
    archive: "Archives",
    inbox: "Boîte de réception",
    all: "Tout",
    unread: "Non lues",
    markAll: "Tout marquer comme lu",
    offline: "Reconnexion…",
    pending: "en attente d’envoi",
    chosen: "Votre réponse",
  },
  en: {
    accept: "Accept",
    keep: "Keep Monday",
    moved: "Session moved to Tuesday, 5 pm",
    stays: "The session stays on Monday",
    archive: "Archive",
    inbox: "Inbox",
    all: "All",
    unread: "Unread",
    markAll: "Mark all as read",
    offline: "Reconnecting…",
    pending: "waiting to be sent",
    chosen: "You chose",
  },
};

/** Bruno asks; the words are those of the recipient's language. */
const PROPOSAL = {
  username: "alice",
  title: "10 h → 17 h ?",
  type: "event",
  actor: "bruno",
  buttons: [
    {
      name: "accept",
      label: { fr: WORDS.fr.accept, en: WORDS.en.accept },
      command: "demo.move_session",
      data: { moves: true },
      style: "primary",
      done: { fr: WORDS.fr.moved, en: WORDS.en.moved },
    },
    {
      name: "keep",
      label: { fr: WORDS.fr.keep, en: WORDS.en.keep },
      command: "demo.move_session",
      data: { moves: false },
      done: { fr: WORDS.fr.stays, en: WORDS.en.stays },
    },
  ],
};

async function ring(url, body) {
  const headers = { "content-type": "application/json" };
  const login = JSON.stringify({ username: "bruno", password: "bruno" });
  const { access } = await (await fetch(`${url}/api/token/`, { method: "POST", headers, body: login })).json();
  const bearer = { ...headers, authorization: `Bearer ${access}` };
  const answer = await fetch(`${url}/api/v1/demo/ring/`, { method: "POST", headers: bearer, body: JSON.stringify(body) });
  if (answer.status !== 201) throw new Error(`ring: ${answer.status} ${await answer.text()}`);
}

const icon = (page) => page.evaluate(() => document.querySelector('link[rel~="icon"]').href.split("/").pop());
const rows = (page) => page.locator(".carillon-center .carillon-row");
const titleOf = (row) => row.locator(".carillon-row-link").textContent();

await scenario(async ({ context, page, url, input, trouble }) => {
  const words = WORDS[input.language];
  const set = await network(page);
  await ring(url, PROPOSAL);
  await signIn(page, "alice");
  const other = await context.newPage();
  await other.goto("/notifications");
  await other.getByRole("button", { name: words.accept, exact: true }).first().waitFor();

  // Pressed by keyboard in the panel, told in the other tab.
  await page.bringToFront();
  await page.locator(".carillon-bell").click();
  const button = page.locator(".carillon-panel").getByRole("button", { name: words.accept, exact: true }).first();
  await button.focus();
  await page.keyboard.press("Enter");
  const chosen = (tab) => tab.locator(".carillon-row-chosen", { hasText: words.moved });
  await Promise.all([chosen(page).first().waitFor(), chosen(other).first().waitFor()]);
  const tabs = { here: (await chosen(page).first().textContent()), there: await chosen(other).first().textContent() };
  const focus = await page.evaluate(() => document.activeElement.textContent);
  await picture(page, `pressed-${input.language}`);
  await page.keyboard.press("Escape");

  // The page: what is unread is counted once, wherever it is told.
  await page.goto("/notifications");
  await rows(page).nth(5).waitFor();
  const count = page.locator(".carillon-box .carillon-count");
  const boxCount = Number(await count.textContent());
  const unread = Number(await page.locator(".carillon-bell .carillon-badge").textContent());
  await page.locator(".carillon-segment", { hasText: words.unread }).click();
  await page.waitForFunction(() => {
    const all = [...document.querySelectorAll(".carillon-center .carillon-row")];
    return all.length > 0 && all.every((row) => "unread" in row.dataset);
  });
  await page.locator("p.carillon-list-end, .carillon-list").first().waitFor();
  const expand = page.locator(".carillon-row-expand");
  await expand.click();
  const group = await page.locator(".carillon-row-child").count();
  await picture(page, `group-${input.language}`);
  const unreadRows = (await rows(page).count()) - 1 + group;
  await expand.click();
  await page.locator(".carillon-segment", { hasText: words.all }).click();

  await page.keyboard.press("/");
  await page.keyboard.type("lycée");
  await page.waitForFunction(() => document.querySelectorAll(".carillon-center .carillon-row").length === 2);
  const found = 2 - 1 + 3;
  await page.locator(".carillon-search input").fill("");
  await rows(page).nth(5).waitFor();
  await page.keyboard.press("Escape");

  // Archived by a key, it fades, stands in the archive, and is taken back by another.
  await page.mouse.move(0, 0);
  await page.locator("h1").click();
  const ghosts = {};
  const first = await titleOf(rows(page).first());
  for (const [name, reducedMotion] of [["calm", "reduce"], ["moving", "no-preference"]]) {
    await page.emulateMedia({ reducedMotion });
    await rows(page).first().locator(".carillon-row-link").focus();
    ghosts[name] = await page.evaluate(async () => {
      const press = (key, more) => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, ...more }));
      press("e");
      await new Promise((done) => requestAnimationFrame(done));
      return document.querySelectorAll(".carillon-item[inert]").length;
    });
    if (name === "calm") {
      await page.keyboard.press("Control+z");
      await page.waitForFunction((title) => document.querySelector(".carillon-center .carillon-row-link")?.textContent === title, first);
    }
  }
  await page.waitForFunction(() => document.querySelectorAll(".carillon-item[inert]").length === 0);
  await page.locator(".carillon-box", { hasText: words.archive }).click();
  await page.waitForFunction((title) => document.querySelector(".carillon-center .carillon-row-link")?.textContent === title, first);
  const archived = await Promise.all((await rows(page).all()).map(titleOf));
  await page.keyboard.press("Control+z");
  await page.locator(".carillon-box", { hasText: words.inbox }).click();
  await page.waitForFunction((title) => document.querySelector(".carillon-center .carillon-row-link")?.textContent === title, first);
  const undone = await titleOf(rows(page).first());

  // All read, and back.
  const icons = [await icon(page)];
  const titles = [await page.title()];
  const iconIs = (name) => page.waitForFunction((end) => document.querySelector('link[rel~="icon"]').href.endsWith(end), name);
  await page.locator(".carillon-center").getByRole("button", { name: words.markAll }).first().click();
  await iconIs("favicon.svg");
  icons.push(await icon(page));
  titles.push(await page.title());
  await page.keyboard.press("Control+z");
  await iconIs("favicon-dot.svg");
  icons.push(await icon(page));

  // No network: said quietly, what is pressed waits, and goes by itself.
  await ring(url, PROPOSAL);
  // It waits behind the pill where the reader is in the list.
  const pill = page.locator(".carillon-center .carillon-new-pill");
  const arrived = rows(page).first().getByRole("button", { name: words.keep });
  await pill.or(arrived).first().waitFor();
  if (await pill.isVisible()) await pill.click();
  await arrived.waitFor();
  await set("down");
  await arrived.click();
  const line = await page.locator(".carillon-connection", { hasText: words.offline }).first().textContent();
  await page.locator(".carillon-row-chosen[data-pending]", { hasText: words.chosen }).waitFor();
  const pending = await page.locator(".carillon-row-meta", { hasText: words.pending }).first().textContent();
  await picture(page, `offline-${input.language}`);
  await set("up");
  const stays = page.locator(".carillon-row-chosen:not([data-pending])", { hasText: words.stays });
  await stays.waitFor({ timeout: 30_000 });
  const settled = await stays.textContent();
  await picture(page, `settled-${input.language}`);
  return {
    moved: words.moved, tabs, focus, boxCount, unread, unreadRows, group, found, ghosts, first, archived, undone,
    icons, titles, offline: { line, pending }, settled, trouble,
  };
});
