/** Keeps one socket alive, and notices when the other side is silent. */
import type { Clock } from "./clock.js";

export interface HeartbeatHandlers {
  ping(): void;
  onSilence(): void;
}

/** Pings every `interval` ms and reports `timeout` ms without a word from the server, once. */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #handlers: HeartbeatHandlers;
  readonly #interval: number;
  readonly #timeout: number;
  #heardAt: number;
  #pingTimer: unknown;
  #silenceTimer: unknown;

  constructor(clock: Clock, handlers: HeartbeatHandlers, interval: number, timeout: number) {
    this.#clock = clock;
    this.#handlers = handlers;
    this.#interval = interval;
    this.#timeout = timeout;
    this.#heardAt = clock.now();
    this.#planPing();
    this.#planSilence(timeout);
  }

  /** The server said something. */
  heard(): void {
    this.#heardAt = this.#clock.now();
  }

  /** After a sleep timers are late: asks the clock instead, and pings when it is not too late. */
  check(): void {
    if (this.#clock.now() - this.#heardAt >= this.#timeout) this.#handlers.onSilence();
    else this.#handlers.ping();
  }

  stop(): void {
    this.#clock.clearTimeout(this.#pingTimer);
    this.#clock.clearTimeout(this.#silenceTimer);
  }

  #planPing(): void {
    this.#pingTimer = this.#clock.setTimeout(() => {
      this.#planPing();
      this.#handlers.ping();
    }, this.#interval);
  }

  #planSilence(delay: number): void {
    this.#silenceTimer = this.#clock.setTimeout(() => {
      const silence = this.#clock.now() - this.#heardAt;
      if (silence >= this.#timeout) this.#handlers.onSilence();
      else this.#planSilence(this.#timeout - silence);
    }, delay);
  }
}
