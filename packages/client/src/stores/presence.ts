/** Who is there: one watch for all who ask, told to the server once for each change of the set. */

import type { CarillonClient } from "../api.js";
import type { PersonPresence } from "../protocol.js";
import type { PresenceSnapshot, PresenceStore, PresenceTargets } from "./conversations_contract.js";
import { PerClient } from "./shared.js";
import { Store } from "./store.js";

/** A list that scrolls changes whom it shows row by row: the first is told at once, the others together. */
const TOLD_AFTER = 20;
const TOLD_EVERY = 200;
const AGAIN_AFTER = 5_000;
const MOST_PEOPLE = 500;
const MOST_CONVERSATIONS = 20;

const shared = new PerClient<"", SharedPresence>((client) => new SharedPresence(client));

/** The presence store of a client: asked twice, the same one is returned. */
export function createPresenceStore(client: CarillonClient): PresenceStore {
  return shared.of(client, "");
}

class SharedPresence implements PresenceStore {
  readonly #state = new Store<PresenceSnapshot>(new Map());
  readonly #client: CarillonClient;
  readonly #people = new Counted<string>();
  readonly #conversations = new Counted<number>();
  /** What the server was told on this connection. */
  #told = "";
  #toldAt = Number.NEGATIVE_INFINITY;
  #reported: "online" | "away" = "online";
  #isOpen = false;
  #timer: unknown = null;
  /** Tells an answer apart that a later watch has overtaken. */
  #round = 0;

  constructor(client: CarillonClient) {
    this.#client = client;
    client.on("presence.changed", ({ data: { people } }) => this.#learn(people));
    client.connection.state.subscribe(() => this.#watchConnection());
    this.#watchConnection();
  }

  getSnapshot = (): PresenceSnapshot => this.#state.getSnapshot();

  subscribe = (listener: () => void): (() => void) => this.#state.subscribe(listener);

  watch({ people = [], conversations = [] }: PresenceTargets): () => void {
    const ends = [this.#people.add(people), this.#conversations.add(conversations)];
    this.#plan();
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      for (const end of ends) end();
      this.#plan();
    };
  }

  report(state: "online" | "away"): void {
    if (state === this.#reported) return;
    this.#reported = state;
    this.#tellOwn();
  }

  #watchConnection(): void {
    const isOpen = this.#client.connection.state.getSnapshot().status === "open";
    if (isOpen === this.#isOpen) return;
    this.#isOpen = isOpen;
    // A new connection watches nobody; without one nobody's state is known.
    this.#told = WATCHING_NOBODY;
    if (!isOpen) {
      this.#forget();
      return;
    }
    this.#tell();
    if (this.#reported !== "online") this.#tellOwn();
  }

  #tellOwn(): void {
    if (this.#isOpen) this.#client.command("presence.set", { state: this.#reported }).catch(() => undefined);
  }

  #plan(soonest = TOLD_AFTER): void {
    if (this.#timer !== null) return;
    const { clock } = this.#client;
    const delay = Math.max(soonest, this.#toldAt + TOLD_EVERY - clock.now());
    this.#timer = clock.setTimeout(() => this.#tell(), delay);
  }

  #tell(): void {
    this.#client.clock.clearTimeout(this.#timer);
    this.#timer = null;
    const people = this.#people.keys().slice(0, MOST_PEOPLE);
    const conversations = this.#conversations.keys().slice(0, MOST_CONVERSATIONS);
    const wanted = JSON.stringify([people, conversations]);
    if (!this.#isOpen || wanted === this.#told) return;
    this.#told = wanted;
    this.#toldAt = this.#client.clock.now();
    this.#round += 1;
    const round = this.#round;
    this.#client.command<{ people: PersonPresence[] }>("presence.watch", { people, conversations }).then(
      (reply) => {
        // Whoever is not in the answer is not watched any more, or not to be seen.
        if (round === this.#round) this.#state.set(new Map(reply.people.map((one) => [one.id, one])));
      },
      () => {
        if (round !== this.#round || !this.#isOpen) return;
        this.#told = "";
        this.#plan(AGAIN_AFTER);
      },
    );
  }

  #learn(people: readonly PersonPresence[]): void {
    const known = new Map(this.#state.getSnapshot());
    for (const one of people) known.set(one.id, one);
    this.#state.set(known);
  }

  #forget(): void {
    this.#round += 1;
    if (this.#state.getSnapshot().size > 0) this.#state.set(new Map());
  }
}

const WATCHING_NOBODY = JSON.stringify([[], []]);

/** A set whose members stay as long as somebody wants them. */
class Counted<Key> {
  readonly #counts = new Map<Key, number>();

  add(keys: readonly Key[]): () => void {
    for (const key of keys) this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    return () => {
      for (const key of keys) {
        const left = (this.#counts.get(key) ?? 0) - 1;
        if (left > 0) this.#counts.set(key, left);
        else this.#counts.delete(key);
      }
    };
  }

  /** Those asked for last come first. */
  keys(): Key[] {
    return [...this.#counts.keys()].reverse();
  }
}
