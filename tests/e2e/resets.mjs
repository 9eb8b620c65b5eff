// The bell, its panel and the centre inside a host's resets, before our stylesheet and after it: what would look otherwise.
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
    if (element.tagName === "svg") return;
    [...element.children].forEach((child, index) => {
      const name = typeof child.className === "string" ? child.className.split(" ")[0] : child.tagName;
      // Times grow while we look.
      if (!child.classList.contains("carillon-time")) walk(child, `${path} > ${name || child.tagName}:${index}`);
    });
  };
  for (const [index, root] of [...document.querySelectorAll(".carillon-bell-root, .carillon-center")].entries()) {
    walk(root, `${index}`);
  }
  return seen;
};

await scenario(
  async ({ page }) => {
    await signIn(page, "alice");
    await page.goto("/notifications");
    await page.locator(".carillon-center .carillon-row").nth(5).waitFor();
    await page.locator(".carillon-bell").click();
    await page.locator(".carillon-panel .carillon-row").nth(5).waitFor();
    await page.locator(".carillon-panel .carillon-row-answers").waitFor();
    const still = () =>
      page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished.catch(() => null))));
    await still();
    const bare = await page.evaluate(looks);
    const changed = {};
    for (const reset of ["preflight", "reboot"]) {
      const css = await readFile(fileURLToPath(new URL(`resets/${reset}.css`, import.meta.url)), "utf8");
      for (const place of ["first", "last"]) {
        await page.evaluate(
          ([text, where]) => {
            const style = document.createElement("style");
            style.id = "reset";
            style.textContent = text;
            if (where === "first") document.head.prepend(style);
            else document.head.append(style);
          },
          [css, place],
        );
        await still();
        const now = await page.evaluate(looks);
        changed[`${reset} ${place}`] = Object.keys(bare)
          .filter((key) => bare[key] !== now[key])
          .map((key) => `${key}: ${bare[key]} → ${now[key]}`);
        await picture(page, `${reset}-${place}`);
        await page.evaluate(() => document.getElementById("reset").remove());
      }
    }
    return { elements: Object.keys(bare).length, changed };
  },
  { bypassCSP: true },
);
