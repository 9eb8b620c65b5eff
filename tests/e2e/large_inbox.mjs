// Ten thousand notifications in the centre: how long a key, a click and a filter take to be painted, what is in the page, what moves.
import { counts, forgetShifts, painted, shifts, watch } from "./support/painted.mjs";
import { picture, scenario, signIn } from "./support/scenario.mjs";

const COUNTED = { rows: ".carillon-row" };

const times = (count, step) => Array.from({ length: count }, (_, n) => () => step(n));

const toTheEnd = (page) =>
  page.evaluate(async () => {
    let most = 0;
    const end = () => document.querySelector("p.carillon-list-end");
    const began = performance.now();
    while (!end() && performance.now() - began < 90_000) {
      scrollTo(0, document.documentElement.scrollHeight);
      await new Promise((done) => setTimeout(done, 20));
      most = Math.max(most, document.querySelectorAll(".carillon-row").length);
    }
    return { isDone: Boolean(end()), most, seconds: (performance.now() - began) / 1000 };
  });

async function ring(url, token, n) {
  const answer = await fetch(`${url}/api/v1/demo/ring/`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ username: "bruno", title: `Nouvelle ${n}` }),
  });
  if (answer.status !== 201) throw new Error(`ring: ${answer.status} ${await answer.text()}`);
}

await scenario(
  async ({ page, url, input, trouble }) => {
    await signIn(page, "bruno");
    await page.goto("/notifications");
    await page.locator(".carillon-center .carillon-row").nth(10).waitFor();
    await watch(page);
    const loaded = await toTheEnd(page);
    const atEnd = await counts(page, COUNTED);
    await picture(page, "large-inbox-end");

    // In the middle of it: keys, reading by click, what arrives.
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight / 2));
    const unread = page.locator("[data-unread] .carillon-row-link");
    await unread.nth(5).waitFor();
    const click = await painted(page, times(6, () => unread.nth(5).click()));
    const keys = await painted(page, times(40, (n) => page.keyboard.press(n % 8 === 7 ? "k" : "j")));
    const marks = await painted(page, times(6, () => page.keyboard.press("u")));

    // Twenty more, while the reader is there: a pill, and nothing moves.
    await forgetShifts(page);
    const place = () => page.evaluate(() => [scrollY, document.querySelector("[data-current]").getBoundingClientRect().top]);
    const before = await place();
    for (let n = 1; n <= 20; n += 1) await ring(url, input.token, n);
    await page.locator(".carillon-new-pill").filter({ hasText: "20" }).waitFor();
    await page.evaluate(() => new Promise((done) => setTimeout(done, 300)));
    const after = await place();
    const moved = await shifts(page);
    const whileArriving = await counts(page, COUNTED);
    await picture(page, "large-inbox-pill");

    // Asked for, they are there; then other lists.
    const show = await painted(page, [() => page.locator(".carillon-new-pill").click()]);
    const first = await page.locator(".carillon-row-link").first().textContent();
    const filters = await painted(page, times(6, (n) => page.locator(".carillon-segment").nth(1 - (n % 2)).click()));
    await page.locator(".carillon-row").nth(10).waitFor();
    const bell = await painted(page, [() => page.locator(".carillon-bell").click()]);
    await page.locator(".carillon-panel .carillon-row").first().waitFor();
    return { loaded, atEnd, whileArriving, painted: { click, keys, marks, show, filters, bell }, shifts: moved, before, after, first, trouble };
  },
  { viewport: { width: 1280, height: 800 } },
);
