import type { ReadableStore } from "@carillon/client";

const MINUTE = 60_000;

/** The time in whole steps; runs only while somebody listens, and catches up when the page is shown again. */
class Ticker implements ReadableStore<number> {
  readonly #listeners = new Set<() => void>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #now = 0;

  getSnapshot = (): number => {
    if (this.#listeners.size === 0) this.#now = Date.now();
    return this.#now;
  };

  subscribe = (listener: () => void): (() => void) => {
    if (this.#listeners.size === 0) this.#start();
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stop();
    };
  };

  #start(): void {
    this.#now = Date.now();
    this.#timer = setInterval(this.#tick, MINUTE / 2);
    document.addEventListener("visibilitychange", this.#tick);
  }

  #stop(): void {
    clearInterval(this.#timer);
    document.removeEventListener("visibilitychange", this.#tick);
  }

  #tick = (): void => {
    if (document.hidden) return;
    this.#now = Date.now();
    for (const listener of [...this.#listeners]) listener();
  };
}

/** One clock for every relative time on the page. */
export const ticker = new Ticker();

/** Today's local date as a number, so that what depends on the day alone changes once a day. */
export function today(): number {
  return new Date(ticker.getSnapshot()).setHours(0, 0, 0, 0);
}
