// The chat and the people page through axe, at a desk and on a phone, by day and by night; and a walk through the chat by keyboard alone.
import { violations } from "./support/axe.mjs";
import { picture, scenario, signIn } from "./support/scenario.mjs";
import { field, message, open } from "./support/talk.mjs";

const SIZES = { desk: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

/** What has the keyboard's focus: its class, and its name or words. */
const focused = (page) =>
  page.evaluate(() => {
    const { className, ariaLabel, textContent } = document.activeElement;
    return [className, ariaLabel ?? textContent.trim().slice(0, 60)];
  });

const isFocused = (page, selector) => page.waitForFunction((one) => document.activeElement.matches(one), selector, { polling: 20 });

/** Presses Tab until the focus is on `selector`; fails when it is never there. */
async function tabTo(page, selector, key = "Tab") {
  for (let n = 0; n < 40; n += 1) {
    await page.keyboard.press(key);
    if (await page.evaluate((one) => document.activeElement.matches(one), selector)) return;
  }
  throw new Error(`${key} does not lead to ${selector}, but to ${await focused(page)}`);
}

async function walk(page) {
  await page.goto("/messages");
  await page.locator(".carillon-chat-row[data-id]").nth(3).waitFor();
  const order = [];
  const note = async () => order.push((await focused(page))[0]);

  // From the list into a conversation, and a message.
  await page.keyboard.press("/");
  await note();
  await page.keyboard.type("bruno");
  await page.waitForFunction(() => [1, 2, 3, 4, 5].includes(document.querySelectorAll(".carillon-chat-row[data-id]").length));
  await page.keyboard.press("ArrowDown");
  await note();
  await page.keyboard.press("Enter");
  await isFocused(page, ".carillon-composer-input");
  await page.keyboard.type("Au clavier");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("seulement");
  await page.keyboard.press("Enter");
  await page.locator(".carillon-message[data-seq]", { hasText: "seulement" }).waitFor();

  // The last one is changed, then left alone.
  await page.keyboard.press("ArrowUp");
  await page.locator(".carillon-composer-context").waitFor();
  await page.keyboard.press("End");
  await page.keyboard.type(", vraiment");
  await page.keyboard.press("Enter");
  await message(page, "seulement, vraiment").locator(".carillon-message-foot").waitFor();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Escape");
  await page.locator(".carillon-composer-context").waitFor({ state: "detached" });
  await note();

  // Up to a message, a reaction by its tools, and taken back.
  await tabTo(page, ".carillon-thread-scroll, .carillon-message", "Shift+Tab");
  await page.keyboard.press("k");
  await page.keyboard.press("k");
  await isFocused(page, ".carillon-message");
  const stood = await page.evaluate(() => document.activeElement.dataset.seq);
  await tabTo(page, ".carillon-message-quick");
  await page.keyboard.press("Enter");
  await isFocused(page, ".carillon-emoji input");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  const row = page.locator(`.carillon-message[data-seq="${stood}"]`);
  const chip = row.locator('.carillon-reaction[aria-pressed="true"]');
  await chip.last().waitFor();
  const reactions = await chip.count();
  await row.focus();
  await tabTo(page, ".carillon-reaction");
  await page.keyboard.press("Enter");
  await page.waitForFunction(
    ([seq, left]) => document.querySelectorAll(`[data-seq="${seq}"] .carillon-reaction[aria-pressed="true"]`).length === left,
    [stood, reactions - 1],
    { polling: 20 },
  );

  // An answer, help, and back to where one came from.
  await row.focus();
  await page.keyboard.press("r");
  await page.locator(".carillon-composer-context").waitFor();
  await isFocused(page, ".carillon-composer-input");
  await page.keyboard.press("Escape");
  await row.focus();
  await page.keyboard.press("?");
  await page.locator("dialog[open]").waitFor();
  await page.keyboard.press("Escape");
  await field(page).focus();
  await page.keyboard.press("Escape");
  await isFocused(page, ".carillon-chat-row");
  await note();
  return { order, reactions };
}

await scenario(async ({ page, input, trouble }) => {
  const found = {};
  await signIn(page, "alice");
  const check = async (name) => {
    found[name] = await violations(page);
    await picture(page, name);
  };
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of ["light", "dark"]) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      await page.goto("/messages");
      await page.locator(".carillon-chat-row[data-id]").nth(3).waitFor();
      await check(`list-${size}-${colorScheme}`);
      await open(page, input.group);
      await message(page, "déperditions").hover();
      await page.locator(".carillon-chat-state", { hasText: /en ligne|online/ }).waitFor();
      await check(`thread-${size}-${colorScheme}`);
      await page.goto("/people");
      await page.locator(".person").nth(5).waitFor();
      await check(`people-${size}-${colorScheme}`);
    }
  }

  // What opens over them.
  await page.setViewportSize(SIZES.desk);
  await open(page, input.group);
  await message(page, "déperditions").hover();
  await message(page, "déperditions").getByRole("button").last().click();
  await page.locator(".carillon-menu").waitFor();
  await check("menu");
  await page.keyboard.press("Escape");
  await page.locator(".carillon-composer button").first().click();
  await page.locator(".carillon-emoji-one").first().waitFor();
  await check("emoji");
  await page.keyboard.press("Escape");
  await page.locator(".carillon-chat-heading button").click();
  await page.locator(".carillon-member").first().waitFor();
  await check("members");
  await page.keyboard.press("Escape");
  await field(page).fill("@");
  await page.locator(".carillon-mentions .carillon-option").first().waitFor();
  await check("mentions");
  await field(page).fill("");
  await page.locator(".carillon-chat-list-bar button").click();
  await page.locator("dialog .carillon-option").nth(3).click();
  await page.locator("dialog .carillon-option").nth(4).click();
  await check("new");
  await page.keyboard.press("Escape");
  return { axe: found, ...(await walk(page)), trouble };
});
