// What a browser tells of a page while somebody uses it: what moved by itself, how soon each interaction was painted, how much stands in it.

/** Begins to note, in the page: what moved by itself (`shifts`), and how long each key and click took until the next paint. */
export const watch = (page) =>
  page.evaluate(() => {
    window.shifts = [];
    window.durations = [];
    new PerformanceObserver((list) => {
      for (const { value, hadRecentInput, sources } of list.getEntries()) {
        const moved = sources.map(({ node }) => node?.className ?? node?.parentElement?.className);
        if (!hadRecentInput) window.shifts.push({ value, moved });
      }
    }).observe({ type: "layout-shift" });
    // From the event to the paint after it, as Event Timing has it, but to the fraction of a millisecond and for every event.
    for (const type of ["keydown", "click"]) {
      addEventListener(
        type,
        ({ timeStamp }) => requestAnimationFrame(() => setTimeout(() => window.durations.push(performance.now() - timeStamp))),
        true,
      );
    }
  });

/** What moved by itself since `watch`, or since this was forgotten. */
export const shifts = (page) => page.evaluate(() => window.shifts);

export const forgetShifts = (page) =>
  page.evaluate(() => {
    window.shifts = [];
  });

/** What each of these steps took until it was painted, in milliseconds; each begins when the last one is painted. */
export async function painted(page, steps) {
  const all = [];
  for (const step of steps) {
    await page.evaluate(() => {
      window.durations = [];
    });
    await step();
    await page.waitForFunction(() => window.durations.length > 0, null, { polling: 5 });
    all.push(...(await page.evaluate(() => window.durations)));
  }
  return all;
}

/** How many elements match each of these selectors, all elements (`nodes`), and the heap in `megabytes`. */
export const counts = (page, selectors) =>
  page.evaluate((wanted) => {
    const found = Object.entries(wanted).map(([name, selector]) => [name, document.querySelectorAll(selector).length]);
    const megabytes = Math.round(performance.memory.usedJSHeapSize / 1e6);
    return { ...Object.fromEntries(found), nodes: document.querySelectorAll("*").length, megabytes };
  }, selectors);
