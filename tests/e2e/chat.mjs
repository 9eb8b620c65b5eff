// Two people, two browsers, one conversation: all that one does is seen by the other, once, and how soon.
import { looking, pressed, sent, Times, watch } from "./support/moments.mjs";
import { picture, scenario, signIn } from "./support/scenario.mjs";
import { BELL, badge, badgeIs, field, line, message, NAV, open, SAID, send, stand, timed, words } from "./support/talk.mjs";

const PRESENCE = ".carillon-chat-head .carillon-presence";
const times = new Times();
/** Looks that must never have seen a thing twice. */
const once = [];

/** Signs in and opens the conversation; returns when the first socket of the page was opened. */
async function enter(page, username, id) {
  await watch(page.context());
  await signIn(page, username);
  const opened = await (await page.waitForFunction(() => window.opened)).jsonValue();
  await open(page, id);
  return opened;
}

/** `from` writes, `to` sees that, the words, and `from` that they were read. */
async function talk(from, to, name, text) {
  // Said at most once in two seconds, by the one who types.
  const isFree = () => performance.timeOrigin + performance.now() - (window.sent["typing.set"] ?? 0) > 2_100;
  await from.waitForFunction(isFree, null, { polling: 20 });
  const typing = [to, ".carillon-typing-text", name];
  await timed(times, "typing", from, typing, () => field(from).press("B"));
  const gone = await looking(...typing, { count: 0 });
  const read = await looking(from, ".carillon-message[data-mine]:has(.carillon-receipts)", text);
  once.push(await timed(times, "send", from, [to, SAID, text], () => send(from, text)));
  const { at } = await read();
  times.add("receipt", at - (await pressed(from)));
  await gone();
}

/** A reaction by the picker, a second one by a press on the first. */
async function react(one, other, text) {
  await message(one, text).last().hover();
  await message(one, text).last().locator(".carillon-message-quick").first().click();
  const emoji = one.locator(".carillon-emoji-one").first();
  await emoji.waitFor();
  const chip = `.carillon-message:has(.carillon-reaction)`;
  once.push(await timed(times, "react", one, [other, chip, text], () => emoji.click()));
  const two = [one, `${chip} .carillon-reaction`, "2"];
  await timed(times, "react", other, two, () => message(other, text).locator(".carillon-reaction").click());
}

async function reply(one, other, quoted, text) {
  await stand(one, quoted);
  await one.keyboard.press("r");
  await field(one).fill(text);
  const seen = [other, `.carillon-message:has(.carillon-quote) ${SAID}`, "de ma réponse"];
  once.push(await timed(times, "reply", one, seen, () => field(one).press("Enter")));
  return message(other, "de ma réponse").locator(".carillon-quote-text").innerText();
}

async function edit(one, other, text) {
  await field(one).press("ArrowUp");
  await field(one).fill(text);
  const seen = [other, `.carillon-message:has(.carillon-message-foot) ${SAID}`, text];
  once.push(await timed(times, "edit", one, seen, () => field(one).press("Enter")));
}

/** Presses Delete: it goes when it can no longer be taken back. The returned function waits for that. */
async function remove(one, other, text) {
  const gone = await looking(other, SAID, text, { count: 0 });
  await stand(one, text);
  await one.keyboard.press("Delete");
  const from = await pressed(one);
  return async () => {
    const { at } = await gone();
    const left = await sent(one, "message.delete");
    times.add("delete", at - left);
    times.add("delete, with the time to take it back", at - from);
  };
}

await scenario(async ({ page: alice, input, trouble, open: openBrowser }) => {
  const { direct, group, rounds } = input;
  await enter(alice, "alice", direct);
  await alice.locator(`${PRESENCE}[data-state="offline"]`).waitFor();

  // Somebody comes.
  const comes = await looking(alice, `${PRESENCE}[data-state="online"]`);
  const bruno = await openBrowser();
  const cameAt = await enter(bruno, "bruno", direct);
  times.add("online", (await comes()).at - cameAt);
  await picture(alice, "chat-alice");

  // They talk.
  const removed = await remove(bruno, alice, "On garde 15 h.");
  await field(bruno).focus();
  for (let n = 1; n <= rounds; n += 1) {
    await talk(alice, bruno, "Alice", `Question ${n}.`);
    await talk(bruno, alice, "Bruno", `Réponse ${n}.`);
  }
  await react(alice, bruno, `Réponse ${rounds}.`);
  const quote = await reply(bruno, alice, `Question ${rounds}.`, "Et voilà la **suite** de ma réponse.");
  for (let n = 1; n <= rounds; n += 1) await edit(bruno, alice, `La suite, version ${n}.`);
  await removed();
  const kept = await words(alice);
  await picture(bruno, "chat-bruno");

  // In the group, while she looks elsewhere: a mention.
  const away = await alice.context().newPage();
  await away.goto("/");
  await away.locator(`${NAV} .carillon-badge`).waitFor();
  await line(alice, group).locator(".carillon-badge").waitFor();
  const before = { nav: await badge(away, NAV), bell: await badge(away, BELL) };
  await line(bruno, group).click();
  await bruno.locator(".carillon-chat-name", { hasText: "lycée" }).waitFor();
  await field(bruno).pressSequentially("@ali");
  await bruno.locator(".carillon-mentions .carillon-option").waitFor();
  await field(bruno).press("Enter");
  await field(bruno).pressSequentially("rendez-vous à 15 h ?");
  const mention = [alice, `.carillon-chat-row[data-id="${group}"]`, "rendez-vous à 15 h"];
  await timed(times, "list", bruno, mention, () => field(bruno).press("Enter"));
  const rung = await badge(alice, BELL);
  await badgeIs(away, BELL, before.bell + 1);
  const mentioned = await line(alice, group).locator(".carillon-badge").innerText();

  // Read in one tab is read in the other: the list, the badge of the messages, the bell.
  await line(alice, group).click();
  const named = await looking(alice, `${SAID} .carillon-mention`, "@Alice Fontaine");
  once.push(named);
  await named();
  await Promise.all([badgeIs(away, NAV, before.nav - 1), badgeIs(away, BELL, before.bell), badgeIs(alice, BELL, before.bell)]);
  await line(alice, group).locator(".carillon-badge").waitFor({ state: "detached" });
  const counts = await Promise.all(once.map((look) => look()));
  await alice.close();

  // From the bell to the conversation.
  await send(bruno, "Encore une chose.");
  await badgeIs(away, BELL, before.bell + 1);
  await away.bringToFront();
  await away.locator(BELL).click();
  await away.locator(".carillon-panel .carillon-row").first().getByRole("link").first().click();
  await message(away, "Encore une chose.").waitFor();
  const address = new URL(away.url()).pathname;
  await Promise.all([badgeIs(away, BELL, before.bell), badgeIs(away, NAV, before.nav - 1)]);

  // Somebody goes: after the grace that a reload takes, never at once.
  await open(away, direct);
  const history = await words(away);
  await away.locator(`${PRESENCE}[data-state="online"]`).waitFor();
  const goes = await looking(away, `${PRESENCE}[data-state="offline"]`);
  const leftAt = Date.now();
  await bruno.context().close();
  times.add("offline, with the grace", (await goes(30_000)).at - leftAt);
  const doubled = counts.filter(({ most }) => most !== 1);
  return { times: times.summary, quote, kept, history, mentioned, rung, before, address, doubled, trouble };
});
