// A hundred thousand messages in a conversation, five hundred conversations in the list: what a browser's trace says of each frame while
// one scrolls, how soon one is at the first unread and at the latest, what moves while messages arrive, what stands in the page.
import { counts, forgetShifts, painted, shifts, watch } from "./support/painted.mjs";
import { picture, scenario, signIn } from "./support/scenario.mjs";
import { field, message, open, send } from "./support/talk.mjs";

const SCROLLER = ".carillon-thread-scroll";
const COUNTED = { messages: ".carillon-message", lines: ".carillon-chat-row" };

/** Scrolls `selector` by `step` pixels a frame, as a trackpad does, until `pixels` have gone by; returns the times between frames. */
const wheel = (page, selector, step, pixels) =>
  page.evaluate(
    async ([box, by, far]) => {
      const view = document.querySelector(box);
      const frame = () => new Promise((done) => requestAnimationFrame(done));
      const times = [];
      let [gone, last, idle] = [0, await frame(), 0];
      let most = 0;
      // At an end one waits for what is being loaded.
      while (gone < far && idle < 300) {
        const before = view.scrollTop;
        view.scrollBy(0, by);
        const hasMoved = view.scrollTop !== before;
        gone += hasMoved ? Math.abs(by) : 0;
        idle = hasMoved ? 0 : idle + 1;
        const now = await frame();
        times.push(now - last);
        last = now;
        most = Math.max(most, document.querySelectorAll(".carillon-message").length);
      }
      return { times, most };
    },
    [selector, step, pixels],
  );

/**
 * Does `work` under a trace of the browser, and returns how long its main thread was busy with each task, in milliseconds.
 * `processor` is the thread's own time: what others do meanwhile is not in it.
 */
async function traced(page, work) {
  const session = await page.context().newCDPSession(page);
  const events = [];
  session.on("Tracing.dataCollected", ({ value }) => events.push(...value));
  const traceConfig = { includedCategories: ["toplevel", "devtools.timeline"] };
  await session.send("Tracing.start", { transferMode: "ReportEvents", traceConfig });
  const result = await work();
  const complete = new Promise((done) => session.once("Tracing.tracingComplete", done));
  await session.send("Tracing.end");
  await complete;
  await session.detach();
  const isMain = ({ name, args }) => name === "thread_name" && args.name === "CrRendererMain";
  const mains = new Set(events.filter(isMain).map(({ pid, tid }) => `${pid} ${tid}`));
  const onMain = events.filter(({ pid, tid, ph }) => ph === "X" && mains.has(`${pid} ${tid}`));
  const run = onMain.filter(({ name }) => name === "RunTask" || name === "ThreadControllerImpl::RunTask");
  const tasks = run.map(({ dur }) => dur / 1000);
  const sum = (...names) => Math.round(onMain.filter(({ name }) => names.includes(name)).reduce((all, { dur = 0 }) => all + dur, 0) / 1000);
  return {
    ...result,
    trace: {
      tasks: tasks.length,
      over16: tasks.filter((time) => time > 16.7).length,
      over50: tasks.filter((time) => time > 50).length,
      longest: Math.round(Math.max(0, ...tasks)),
      processor: Math.round(run.reduce((all, { tdur = 0 }) => all + tdur, 0) / 1000),
      script: sum("FunctionCall", "EvaluateScript", "FireAnimationFrame"),
      style: sum("UpdateLayoutTree", "RecalculateStyles"),
      layout: sum("Layout"),
      paint: sum("Paint", "PrePaint", "Layerize", "Commit"),
      collected: sum("MinorGC", "MajorGC", "V8.GCScavenger"),
    },
  };
}

/** Frames as a report has them. */
function frames({ times, ...rest }) {
  const sorted = times.toSorted((one, other) => one - other);
  const share = (limit) => Math.round((1000 * times.filter((time) => time > limit).length) / times.length) / 10;
  const at = (part) => Math.round(10 * sorted[Math.floor((sorted.length - 1) * part)]) / 10;
  // A frame that came in time is 16.7 ms after the one before it, give or take the clock of the display.
  return { frames: times.length, p50: at(0.5), p99: at(0.99), longest: at(1), percentOver16: share(17.5), percentOver50: share(50), ...rest };
}

await scenario(
  async ({ page, url, input, trouble }) => {
    const { large, last, token, pixels } = input;
    await signIn(page, "alice");
    const began = Date.now();
    await open(page, large);
    const opened = Date.now() - began;
    await watch(page);
    const divider = await page.evaluate(() => document.querySelector(".carillon-day[data-new]").getBoundingClientRect().top);
    await picture(page, "large-chat-open");

    // To the latest, and up through a few thousand.
    const latest = await painted(page, [() => page.locator(".carillon-jump:not([data-up])").click()]);
    await message(page, `Message ${last}.`).waitFor();
    const before = await counts(page, COUNTED);
    const scroll = frames(await traced(page, () => wheel(page, SCROLLER, -90, pixels)));
    const after = await counts(page, COUNTED);
    const back = frames(await traced(page, () => wheel(page, SCROLLER, 90, pixels / 2)));
    await picture(page, "large-chat-scrolled");

    // While one reads up here, twenty arrive: a pill, and nothing moves.
    await page.evaluate(() => new Promise((done) => setTimeout(done, 300)));
    await forgetShifts(page);
    const where = () =>
      page.evaluate((box) => {
        const view = document.querySelector(box).getBoundingClientRect();
        const rows = [...document.querySelectorAll(".carillon-message")];
        const first = rows.find((row) => row.getBoundingClientRect().top >= view.top);
        return [first.dataset.seq, Math.round(first.getBoundingClientRect().top)];
      }, SCROLLER);
    const stood = await where();
    for (let n = 1; n <= 20; n += 1) {
      const answer = await fetch(`${url}/api/v1/conversations/${large}/messages/`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
        body: JSON.stringify({ content: `Nouveau ${n}.` }),
      });
      if (answer.status !== 201) throw new Error(`message: ${answer.status} ${await answer.text()}`);
    }
    await page.locator(".carillon-jump", { hasText: "20" }).waitFor();
    await page.evaluate(() => new Promise((done) => setTimeout(done, 300)));
    const stands = await where();
    const moved = await shifts(page);
    await picture(page, "large-chat-pill");

    // Writing and jumping with all of it loaded.
    const jump = await painted(page, [() => page.locator(".carillon-jump:not([data-up])").click()]);
    await message(page, "Nouveau 20.").waitFor();
    const typed = await painted(page, Array.from({ length: 12 }, (_, n) => () => field(page).press("abcdefghijkl"[n])));
    const sends = await painted(page, [() => send(page, "Bien reçu.")]);
    await message(page, "Bien reçu.").waitFor();

    // The list of five hundred, all of it, and the one that is written in comes to its top.
    const list = frames(await traced(page, () => wheel(page, ".carillon-chat-list-scroll", 180, 30_000)));
    const atEnd = await counts(page, COUNTED);
    const switched = await painted(page, [() => page.locator(".carillon-chat-row").nth(400).click()]);
    await page.locator(".carillon-message[data-key]").first().waitFor();
    const interactions = { latest, jump, typed, sends, switched };
    return { opened, divider, before, after, atEnd, scroll, back, list, stood, stands, shifts: moved, painted: interactions, trouble };
  },
  { viewport: { width: 1280, height: 800 } },
);
