// When something was done in one page and seen in another, by the pages' own clocks: no round trip of the test is measured.

/** In a page, from its start on: `pressed`, `opened`, `sent` and `note`. All times are milliseconds of the machine's clock. */
function install() {
  const now = () => performance.timeOrigin + performance.now();
  window.pressed = 0;
  for (const type of ["keydown", "click"]) {
    addEventListener(type, ({ timeStamp }) => void (window.pressed = performance.timeOrigin + timeStamp), true);
  }
  // When a socket was first opened, and when a command of a name last left.
  window.opened = 0;
  window.sent = {};
  window.WebSocket = class extends WebSocket {
    constructor(...options) {
      super(...options);
      this.addEventListener("open", () => void (window.opened ||= now()));
    }
    send(data) {
      const name = /^\{"type":"([a-z_]+\.[a-z_]+)"/.exec(data)?.[1];
      if (name) window.sent[name] = now();
      super.send(data);
    }
  };

  const notes = [];
  const count = ({ selector, text, without }) =>
    [...document.querySelectorAll(selector)].filter(
      ({ textContent }) => textContent.includes(text) && !(without && textContent.includes(without)),
    ).length;
  const look = () => {
    for (const note of notes) {
      const found = count(note.what);
      note.most = Math.max(note.most, found);
      if (note.at === 0 && found === note.what.count) note.at = now();
    }
  };
  const observer = new MutationObserver(look);
  observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
  window.note = (what) => {
    notes.push({ what, at: 0, most: 0 });
    look();
    return notes.length - 1;
  };
  window.noted = (index) => notes[index];
}

export const watch = (context) => context.addInitScript(install);

/**
 * Begins to look in `page` for elements that match `selector` and contain `text` (and not `without`); the returned function
 * waits until there are `count` of them, and tells when they came and the most that ever stood there.
 */
export async function looking(page, selector, text = "", { count = 1, without = "" } = {}) {
  const index = await page.evaluate((what) => window.note(what), { selector, text, without, count });
  return async (timeout = 15_000) => {
    // By time and not by frames, which a tab in the background has none of.
    await page
      .waitForFunction((one) => window.noted(one).at > 0, index, { polling: 20, timeout })
      .catch((error) => {
        throw new Error(`${count} × ${selector} “${text}” in ${page.url()}: ${error.message}`);
      });
    return page.evaluate((one) => window.noted(one), index);
  };
}

export const pressed = (page) => page.evaluate(() => window.pressed);

/** When the page last sent the command `name`. */
export const sent = async (page, name) => {
  await page.waitForFunction((one) => window.sent[one], name, { polling: 20 });
  return page.evaluate((one) => window.sent[one], name);
};

/** Times by what they are of, in milliseconds. */
export class Times {
  #all = {};

  add(name, milliseconds) {
    (this.#all[name] ??= []).push(Math.round(milliseconds * 10) / 10);
  }

  /** Median and worst of each. */
  get summary() {
    const of = (times) => {
      const sorted = times.toSorted((one, other) => one - other);
      return { count: sorted.length, p50: sorted[Math.floor((sorted.length - 1) / 2)], max: sorted.at(-1) };
    };
    return Object.fromEntries(Object.entries(this.#all).map(([name, times]) => [name, of(times)]));
  }
}
