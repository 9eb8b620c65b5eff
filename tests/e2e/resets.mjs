// The bell, its panel, the centre and the chat inside a host's resets, before our stylesheet and after it: what would look otherwise.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { picture, scenario, signIn } from "./support/scenario.mjs";

/** In the page: how every element of ours looks, by a path that is the same each time. */
const looks = () => {
  const edges = ["top", "right", "bottom", "left"];
  const names = [
    ...edges.flatMap((edge) => [`margin-${edge}`, `padding-${edge}`, `border-${edge}-width`]),
    ..."display position color background-color font-family font-size font-weight font-style line-height".split(" "),
    ..."letter-spacing text-transform text-align text-decoration-line opacity cursor box-sizing width height".split(" "),
    ..."border-top-left-radius list-style-type white-space".split(" "),
  ];
  const seen = {};
  const walk = (element, path) => {
    const style = getComputedStyle(element);
    // Inside a drawing nothing of a host matters but what it inherits.
    for (const name of names) seen[`${path} ${name}`] = style.getPropertyValue(name);
    // `auto`, which Chromium tells sometimes as 0 and sometimes as what it comes to.
    if (element.classList.contains("carillon-thread")) delete seen[`${path} margin-top`];
    if (element.tagName === "svg") return;
    [...element.children].forEach((child, index) => {
      const name = typeof child.className === "string" ? child.className.split(" ")[0] : child.tagName;
      // Times grow while we look.
      if (!child.classList.contains("carillon-time")) walk(child, `${path} > ${name || child.tagName}:${index}`);
    });
  };
  const roots = document.querySelectorAll(".carillon-bell-root, .carillon-center, .carillon-chat");
  for (const [index, root] of [...roots].entries()) walk(root, `${index}`);
  return seen;
};

const still = (page) =>
  page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished.catch(() => null))));

/** How everything looks with this style sheet before ours (`first`) or after it, as `name` in a picture. */
async function looksWith(page, css, where, name) {
  await page.evaluate(
    ([text, place]) => {
      const style = document.createElement("style");
      style.id = "reset";
      style.textContent = text;
      if (place === "first") document.head.prepend(style);
      else document.head.append(style);
    },
    [css, where],
  );
  await still(page);
  const seen = await page.evaluate(looks);
  await picture(page, name);
  await page.evaluate(() => document.getElementById("reset").remove());
  return seen;
}

/** What looks otherwise inside each reset, by its name and place. */
async function changes(page, name) {
  await page.waitForLoadState("networkidle");
  await still(page);
  const bare = await looksWith(page, "", "last", `${name}-bare`);
  const changed = {};
  for (const reset of ["preflight", "reboot"]) {
    const css = await readFile(fileURLToPath(new URL(`resets/${reset}.css`, import.meta.url)), "utf8");
    for (const place of ["first", "last"]) {
      const now = await looksWith(page, css, place, `${name}-${reset}-${place}`);
      changed[`${reset} ${place}`] = Object.keys(bare)
        .filter((key) => bare[key] !== now[key])
        .map((key) => `${key}: ${bare[key]} → ${now[key]}`);
    }
  }
  return { elements: Object.keys(bare).length, changed };
}

await scenario(
  async ({ page }) => {
    await signIn(page, "alice");
    await page.goto("/notifications");
    await page.locator(".carillon-center .carillon-row").nth(5).waitFor();
    await page.locator(".carillon-bell").click();
    await page.locator(".carillon-panel .carillon-row").nth(5).waitFor();
    await page.locator(".carillon-panel .carillon-row-answers").waitFor();
    await page.locator(".carillon-panel-foot a").hover();
    const bell = await changes(page, "bell");

    await page.goto("/messages");
    await page.locator(".carillon-chat-row[data-id]").first().click();
    await page.locator(".carillon-message[data-key]").last().waitFor();
    await page.locator(".carillon-chat-state", { hasText: /en ligne|online/ }).waitFor();
    await page.locator(".carillon-message .carillon-md-link").last().hover();
    const chat = await changes(page, "chat");
    return { bell, chat };
  },
  { bypassCSP: true },
);
