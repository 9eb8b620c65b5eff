// What is written while something is broken: the server killed, no network, the tab reloaded, an answer lost, two tabs. Each is sent, once.
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { looking, watch } from "./support/moments.mjs";
import { network } from "./support/network.mjs";
import { picture, scenario, signIn } from "./support/scenario.mjs";
import { message, open, SAID, send, words } from "./support/talk.mjs";

const PENDING = '.carillon-message[data-state="pending"]';
const LINE = ".carillon-connection";
const pending = (page, text) => page.locator(PENDING, { hasText: text });

/** Looks for `text` in a page; what it returns waits until it stands there, sent. */
async function arriving(page, text) {
  const seen = await looking(page, SAID, text);
  return async () => {
    await seen(60_000);
    await pending(page, text).waitFor({ state: "detached", timeout: 60_000 });
    return seen();
  };
}

await scenario(async ({ page: alice, input, trouble, open: openBrowser }) => {
  const { direct, pid, restart } = input;
  const looks = [];
  const bruno = await openBrowser();
  for (const [page, name] of [[alice, "alice"], [bruno, "bruno"]]) {
    await watch(page.context());
    await signIn(page, name);
    await open(page, direct);
  }

  // The server is killed: both write on, and what they wrote goes when it is back.
  process.kill(pid, "SIGKILL");
  await Promise.all([alice, bruno].map((page) => page.locator(LINE).first().waitFor()));
  const killed = { "Pendant la panne, d’Alice.": [alice, bruno], "Pendant la panne, de Bruno.": [bruno, alice] };
  for (const [text, [from, to]] of Object.entries(killed)) {
    looks.push(await arriving(from, text), await arriving(to, text));
    await send(from, text);
    await pending(from, text).waitFor();
  }
  const shown = await pending(alice, "d’Alice").locator(".carillon-message-foot").innerText();
  await picture(alice, "chat-killed");
  await writeFile(restart, "");
  const killedAt = Date.now();
  while (existsSync(restart)) await new Promise((resolve) => setTimeout(resolve, 20));
  const serving = Date.now() - killedAt;
  await Promise.all(looks.map((look) => look()));
  const back = Date.now() - killedAt - serving;
  await Promise.all([alice, bruno].map((page) => page.locator(LINE).first().waitFor({ state: "detached" })));

  const counts = await Promise.all(looks.splice(0).map((look) => look()));

  // No network, and the tab is loaded again before there is any: what was composed has survived it. Another tab would send it.
  const tab = await alice.context().newPage();
  await alice.close();
  const set = await network(tab);
  await open(tab, direct);
  looks.push(await arriving(bruno, "Écrit dans le tunnel."));
  await set("down");
  await send(tab, "Écrit dans le tunnel.");
  await pending(tab, "dans le tunnel").waitFor();
  await set("reading");
  await tab.reload();
  await pending(tab, "dans le tunnel").waitFor();
  const survived = await tab.locator(SAID, { hasText: "dans le tunnel" }).count();
  await picture(tab, "chat-reloaded");
  await set("up");
  await tab.evaluate(() => dispatchEvent(new Event("online")));
  await pending(tab, "dans le tunnel").waitFor({ state: "detached", timeout: 60_000 });

  // Sent, but the answer was lost, and the tab with it.
  looks.push(await arriving(bruno, "Sans réponse."));
  await set("muted");
  await send(tab, "Sans réponse.");
  await message(bruno, "Sans réponse.").waitFor();
  await set("reading");
  await tab.reload();
  await message(tab, "Sans réponse.").waitFor();
  await set("up");
  await tab.evaluate(() => dispatchEvent(new Event("online")));

  // Two tabs of one person come back together.
  const twin = await tab.context().newPage();
  const setTwin = await network(twin);
  await open(twin, direct);
  looks.push(await arriving(bruno, "De deux onglets."));
  await Promise.all([set("down"), setTwin("down")]);
  await send(tab, "De deux onglets.");
  await pending(tab, "deux onglets").waitFor();
  await pending(twin, "deux onglets").waitFor();
  await Promise.all([set("up"), setTwin("up")]);
  await Promise.all([tab, twin].map((one) => one.evaluate(() => dispatchEvent(new Event("online")))));
  for (const one of [tab, twin]) await pending(one, "deux onglets").waitFor({ state: "detached", timeout: 60_000 });

  // The last word comes after all of it, so that what would come twice has come.
  const end = await Promise.all([tab, twin].map((page) => arriving(page, "Fin.")));
  await send(bruno, "Fin.");
  await Promise.all(end.map((look) => look()));
  counts.push(...(await Promise.all(looks.map((look) => look()))));
  const threads = await Promise.all([bruno, tab, twin].map(words));
  return { shown, serving, back, survived, doubled: counts.filter(({ most }) => most !== 1), threads, trouble };
});
