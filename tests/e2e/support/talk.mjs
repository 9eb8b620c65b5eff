// What a person does in the chat, by mouse and keyboard.
import { looking, pressed } from "./moments.mjs";

export const field = (page) => page.locator(".carillon-composer-input");

/** Words of messages, without what they answer. */
export const SAID = ".carillon-bubble > .carillon-md-block";

/** The message in `page` whose words contain `text`. */
export const message = (page, text) => page.locator(".carillon-message", { hasText: text });

/** The line of a conversation in the list. */
export const line = (page, id) => page.locator(`.carillon-chat-row[data-id="${id}"]`);

/** Opens a conversation at its own address, and waits for its messages. */
export async function open(page, id) {
  await page.goto(`/messages/${id}`);
  await page.locator(".carillon-message[data-key]").last().waitFor();
  await field(page).waitFor();
}

export async function send(page, text) {
  await field(page).fill(text);
  await field(page).press("Enter");
}

/** Gives the message the keyboard's focus, as walking up to it does. */
export const stand = (page, text) => message(page, text).last().focus();

/** What the thread of `page` says, from top to bottom; "" for what was deleted. */
export const words = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll(".carillon-message .carillon-bubble")].map((bubble) =>
      [...bubble.querySelectorAll(":scope > .carillon-md-block")].map(({ innerText }) => innerText).join("\n"),
    ),
  );

/** What the page's badge of messages, or its bell, counts; 0 without one. */
export const badge = (page, selector) =>
  page.evaluate((one) => Number(document.querySelector(`${one} .carillon-badge`)?.textContent ?? 0), selector);

export const badgeIs = (page, selector, count) =>
  page.waitForFunction(
    ([one, wanted]) => Number(document.querySelector(`${one} .carillon-badge`)?.textContent ?? 0) === wanted,
    [selector, count],
    { polling: 25 },
  );

export const NAV = '.top-nav a[href="/messages"]';
export const BELL = ".carillon-bell";

/** Does `act` in one page and returns when `seen`, begun before it, came in the other; how long that took goes to `times` under `name`. */
export async function timed(times, name, page, seen, act) {
  const wait = await looking(...seen);
  await act();
  const from = await pressed(page);
  const { at } = await wait();
  times.add(name, at - from);
  return wait;
}
