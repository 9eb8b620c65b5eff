/** Asks for the snapshot from time to time, only while there is no socket. */
import type { CarillonClient } from "../api.js";

const FIRST_AFTER = 10_000;
const THEN_EVERY = 30_000;

export class Poller {
  readonly #client: CarillonClient;
  readonly #poll: () => Promise<void>;
  #timer: unknown = null;
  #end: (() => void) | null = null;

  constructor(client: CarillonClient, poll: () => Promise<void>) {
    this.#client = client;
    this.#poll = poll;
  }

  start(): void {
    this.#end ??= this.#client.connection.state.subscribe(() => this.#watch());
    this.#watch();
  }

  stop(): void {
    this.#end?.();
    this.#end = null;
    this.#cancel();
  }

  #watch(): void {
    const isOpen = this.#client.connection.state.getSnapshot().status === "open";
    if (isOpen) this.#cancel();
    else if (this.#timer === null) this.#plan(FIRST_AFTER);
  }

  #plan(delay: number): void {
    this.#timer = this.#client.clock.setTimeout(() => {
      this.#plan(THEN_EVERY);
      if (this.#client.session.state.getSnapshot().status === "signed-in") void this.#poll();
    }, delay);
  }

  #cancel(): void {
    this.#client.clock.clearTimeout(this.#timer);
    this.#timer = null;
  }
}
