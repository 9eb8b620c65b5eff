// Every state of bell and page through axe, in a real browser; and the language changed for good.
import { violations } from "./support/axe.mjs";
import { picture, scenario, signIn } from "./support/scenario.mjs";

const openBell = async (page) => {
  await page.locator(".carillon-bell").click();
  await page.locator(".carillon-panel").waitFor();
};

/** Rows of the panel whose actions, while one points at the row, lie over its sentence or what was said. */
async function coveredRows(page) {
  const covered = [];
  const rows = page.locator(".carillon-panel .carillon-row");
  for (let n = 0; n < Math.min(8, await rows.count()); n += 1) {
    await rows.nth(n).hover({ position: { x: 120, y: 20 } });
    await rows.nth(n).locator(".carillon-row-quick").first().waitFor();
    const words = await rows.nth(n).evaluate((row) => {
      const { left, top } = row.querySelector(".carillon-row-actions").getBoundingClientRect();
      const said = [...row.querySelectorAll(".carillon-row-text, .carillon-row-excerpt")].flatMap((element) => {
        const range = document.createRange();
        range.selectNodeContents(element);
        // What is cut off covers nothing and is not covered.
        const { right, bottom } = element.getBoundingClientRect();
        return [...range.getClientRects()].map((rect) => [Math.min(rect.right, right), Math.min(rect.bottom, bottom)]);
      });
      // A line is higher than its letters.
      return said.some(([right, bottom]) => right > left && bottom > top + 2) ? row.innerText : null;
    });
    if (words !== null) covered.push(words);
  }
  return covered;
}

const withToken = (page, path, body) =>
  page.evaluate(
    async ([where, what]) => {
      const login = await fetch("/api/token/", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ username: "alice", password: "alice" }),
      });
      const { access } = await login.json();
      const answer = await fetch(where, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${access}` },
        body: JSON.stringify(what),
      });
      return answer.status;
    },
    [path, body],
  );

await scenario(async ({ context, page }) => {
  const found = {};
  await page.goto("/login");
  await page.locator('button[type="submit"]').waitFor();
  found.login = await violations(page);

  await signIn(page, "alice");
  await openBell(page);
  await page.locator(".carillon-panel .carillon-row").first().waitFor();
  found.panel = await violations(page);
  await picture(page, "panel");
  const covered = await coveredRows(page);
  await page.goto("/notifications");
  await page.locator(".carillon-row").first().waitFor();
  found.page = await violations(page);

  // A language is the person's: the page switches, and what comes next is worded in it.
  const languages = [await page.locator("html").getAttribute("lang")];
  const titles = [await page.locator("h1").first().textContent()];
  await page.locator(".account-button, [aria-haspopup=dialog]").last().click();
  await page.getByRole("radio", { name: "English" }).check();
  await page.waitForFunction(() => document.documentElement.lang === "en");
  languages.push(await page.locator("html").getAttribute("lang"));
  titles.push(await page.locator("h1").first().textContent());
  await page.keyboard.press("Escape");
  await withToken(page, "/api/v1/demo/ring/", { username: "alice", kind: "demo.greeting" });
  const row = page.locator(".carillon-row").filter({ hasText: "says hello" }).first();
  await row.waitFor();
  const newText = await row.innerText();

  await page.route("**/api/v1/notifications/**", (route) => route.abort());
  await page.reload();
  await page.getByRole("alert").first().waitFor();
  found.error = await violations(page);
  await picture(page, "error");
  await page.unroute("**/api/v1/notifications/**");
  await context.clearCookies();

  await signIn(page, "admin");
  await page.goto("/notifications");
  await page.locator(".carillon-blank").first().waitFor();
  found.empty = await violations(page);
  await picture(page, "empty");
  await context.clearCookies();

  await signIn(page, "bruno");
  await page.goto("/notifications");
  await page.locator(".carillon-row").first().waitFor();
  for (let n = 0; n < 12; n++) {
    await page.mouse.wheel(0, 6000);
    await page.waitForTimeout(100);
  }
  found.many = await violations(page);
  await picture(page, "many");
  return { axe: found, covered, languages, titles, newText };
});
