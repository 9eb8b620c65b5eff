// Names, titles, messages and quotes that want to run: shown everywhere that they are shown, none of them does.
// The page's content security policy is off, so that it hides nothing.
import { readFile } from "node:fs/promises";
import { WebSocket } from "ws";
import { picture, scenario, signIn } from "./support/scenario.mjs";
import { field, SAID } from "./support/talk.mjs";
import { load } from "./support/typescript.mjs";

/** In every page from its start on: what is ever in it that would run something. */
function guard() {
  window.intruders = [];
  const known = new Set(["SCRIPT", "IFRAME", "OBJECT", "EMBED", "BASE", "META", "FRAME", "APPLET", "PORTAL"]);
  const schemes = /^\s*(javascript|vbscript|data|blob):/i;
  const linking = /^(href|src|action|formaction|xlink:href|data|poster|background)$/;
  const isOurs = ({ tagName, src }) => {
    if (tagName !== "SCRIPT" || !src) return tagName === "META";
    const { origin, pathname } = new URL(src, location);
    return origin === location.origin && /^\/(static|admin\/jsi18n)\//.test(pathname);
  };
  const check = (element) => {
    const runs = ({ name, value }) => /^on|^srcdoc$/i.test(name) || (linking.test(name) && schemes.test(value));
    const found = [...element.attributes].filter(runs);
    const isForeign = known.has(element.tagName) && !isOurs(element);
    if (isForeign || found.length > 0) window.intruders.push(element.outerHTML.slice(0, 300));
  };
  const look = (root) => {
    if (root.nodeType !== Node.ELEMENT_NODE) return;
    check(root);
    for (const element of root.querySelectorAll("*")) check(element);
  };
  new MutationObserver((records) => {
    for (const { type, target, addedNodes } of records) {
      if (type === "attributes") check(target);
      for (const node of addedNodes) look(node);
    }
  }).observe(document, { subtree: true, childList: true, attributes: true });
}

const plain = (text) => text.replace(/\s+/g, " ").trim();

/** The texts of all elements that match each selector, while the reader scrolls down until nothing new has come for three seconds. */
const scrolledTexts = (page, scroller, ...selectors) =>
  page.evaluate(
    async ([box, all]) => {
      const found = all.map(() => new Set());
      const count = () => found.reduce((sum, { size }) => sum + size, 0);
      for (let last = Date.now(); Date.now() < last + 3_000; ) {
        const before = count();
        for (const [index, selector] of all.entries()) {
          for (const element of document.querySelectorAll(selector)) found[index].add(element.textContent);
        }
        if (count() > before) last = Date.now();
        document.querySelector(box).scrollTop += 600;
        await new Promise((done) => setTimeout(done, 20));
      }
      return found.map((texts) => [...texts]);
    },
    [scroller, selectors],
  );

await scenario(
  async ({ context, page, url, input, trouble }) => {
    const vectors = JSON.parse(await readFile(input.vectors, "utf8")).map(({ text }) => plain(text.replaceAll("\0", "")));
    const dialogs = [];
    const requests = [];
    context.on("dialog", (dialog) => {
      dialogs.push(dialog.message());
      dialog.dismiss();
    });
    const isOurs = /^\/(static\/|api\/|messages|notifications|people|login|admin|ring|ws\/|$)/;
    context.on("request", (request) => {
      const address = new URL(request.url());
      const isKnown = address.origin === url && isOurs.test(address.pathname);
      // The pictures of people and groups are addresses of their own.
      if (!isKnown && address.href !== `${url}/x`) requests.push(request.url());
    });
    await context.addInitScript(guard);
    const pages = {};
    const note = async (name) => {
      const [intruders, ran] = await page.evaluate(() => [window.intruders, "__xss" in window]);
      const links = await page.evaluate(() => [...document.querySelectorAll("a[href]")].map(({ protocol }) => protocol));
      const strange = [...new Set(links)].filter((protocol) => !["http:", "https:", "mailto:"].includes(protocol));
      pages[name] = { intruders, ran, strange };
    };
    const missing = (texts, what) => {
      const all = texts.map(plain);
      return vectors.map((vector) => what(vector)).filter((vector) => vector && !all.some((text) => text.includes(vector)));
    };

    // The list, the thread with quotes and reactions, the dialogs about its people.
    await signIn(page, "alice");
    await page.goto("/messages");
    await page.locator(".carillon-chat-row[data-id]").nth(20).waitFor();
    const absent = {};
    const [names] = await scrolledTexts(page, ".carillon-chat-list-scroll", ".carillon-chat-row-name");
    absent.names = missing(names, (vector) => plain(vector.slice(0, 120)));
    await note("list");
    await page.goto(`/messages/${input.hall}`);
    await page.locator(".carillon-message[data-key]").last().waitFor();
    // It begins where she has not read on, at the first of them.
    const [said, authors, quotes] = await scrolledTexts(page, ".carillon-thread-scroll", SAID, ".carillon-message-name", ".carillon-quote");
    absent.messages = missing(said, plain);
    absent.authors = missing(authors, plain);
    await note("thread");
    await page.locator(".carillon-chat-heading button").click();
    await page.locator(".carillon-member").nth(20).waitFor();
    absent.members = missing(await page.locator(".carillon-member .carillon-option-name").allTextContents(), plain);
    await note("members");
    await page.keyboard.press("Escape");
    await field(page).fill("@");
    await page.locator(".carillon-mentions .carillon-option").first().waitFor();
    await field(page).fill("");
    await page.locator(".carillon-message[data-seq]").last().focus();
    await page.keyboard.press("r");
    await page.locator(".carillon-composer-context").waitFor();
    await note("composer");

    await picture(page, "xss-thread");

    // Live: a message, somebody typing, the bell.
    const { createClient } = await load("packages/client/src/index.ts");
    const client = createClient({ baseUrl: url, WebSocket, getToken: () => input.token });
    const { state } = client.connection;
    const isOpen = new Promise((done) => state.subscribe(() => state.getSnapshot().status === "open" && done()));
    client.connection.start();
    await isOpen;
    await client.command("typing.set", { conversation: input.hall, is_typing: true });
    await page.locator(".carillon-typing-text").waitFor();
    for (const [index, content] of vectors.slice(0, 12).entries()) {
      await client.write("message.send", { conversation: input.hall, content: `${content} (${index})` });
    }
    await page.locator(".carillon-bubble", { hasText: "(11)" }).first().waitFor();
    await note("live");
    client.destroy();
    await page.goto("/");
    await page.locator(".carillon-bell").click();
    await page.locator(".carillon-panel .carillon-row").nth(10).waitFor();
    await note("bell");
    await page.goto("/notifications");
    await page.locator(".carillon-center .carillon-row").nth(10).waitFor();
    const rung = await page.locator(".carillon-center .carillon-row").allTextContents();
    await note("centre");
    await page.goto("/people");
    await page.locator(".person").nth(20).waitFor();
    for (let more = page.locator("p.people-note button"); await more.count(); ) {
      const before = await page.locator(".person").count();
      await more.click();
      await page.waitForFunction((count) => document.querySelectorAll(".person").length > count, before, { polling: 20 });
    }
    absent.people = missing(await page.locator(".person .account-name").allTextContents(), plain);
    await note("people");

    // The admin: all lists, and some of each one's pages.
    await context.clearCookies();
    await page.goto("/admin/login/");
    await page.locator("#id_username").fill("admin");
    await page.locator("#id_password").fill("admin");
    await page.locator("[type=submit]").click();
    const shown = [];
    for (const table of ["conversation", "message", "block"]) {
      for (let place = 1; ; place += 1) {
        await page.goto(`/admin/carillon_conversations/${table}/?p=${place}`);
        shown.push(...(await page.locator("#result_list th").allTextContents()));
        await note(`admin-${table}-${place}`);
        if (place === 1) {
          const links = await page.locator("#result_list th a").evaluateAll((all) => all.map(({ href }) => href));
          for (const [index, link] of links.filter((_, at) => at % 50 === 0).entries()) {
            await page.goto(link);
            await page.locator("#content h1").waitFor();
            await note(`admin-${table}-page-${index}`);
            await page.goBack();
          }
        }
        const isLast = (await page.locator(`.paginator a[href*="p=${place + 1}"]`).count()) === 0;
        if (isLast) break;
      }
    }
    absent.admin = missing(shown, (vector) => plain(vector.slice(0, 60)));
    return { count: vectors.length, pages, absent, quotes, rung, dialogs, requests, trouble };
  },
  { bypassCSP: true },
);
