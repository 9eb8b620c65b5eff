/** Typing in one conversation: what we tell of ourselves, and whom we heard of. */
import type { CarillonClient } from "../api.js";
import type { KnownEvent, Person } from "../protocol.js";
import { expired, heard, stopped, type Typist } from "../reducers/typing.js";
import { Store } from "./store.js";

/** As often as the server passes it on. */
const TOLD_EVERY = 2_000;

export class Typing {
  /** Who is typing now, in the order in which they began. */
  readonly state = new Store<readonly Person[]>([]);
  readonly #client: CarillonClient;
  readonly #conversation: number;
  #typists: readonly Typist[] = [];
  #timer: unknown;
  #toldAt = Number.NEGATIVE_INFINITY;
  #isTold = false;

  constructor(client: CarillonClient, conversation: number) {
    this.#client = client;
    this.#conversation = conversation;
  }

  /** Tells the others, at most once in two seconds; that it is over only where they believe in it. */
  set(isTyping: boolean): void {
    const now = this.#client.clock.now();
    if (isTyping ? now - this.#toldAt < TOLD_EVERY : !this.#isTold) return;
    this.#isTold = isTyping;
    if (isTyping) this.#toldAt = now;
    const data = { conversation: this.#conversation, is_typing: isTyping };
    // Lost words of this kind are not said again.
    this.#client.command("typing.set", data).catch(() => undefined);
  }

  hear(event: KnownEvent, me: string | null): void {
    const now = this.#client.clock.now();
    if (event.type === "typing.changed" && event.data.person.id !== me) {
      this.#show(heard(this.#typists, event.data.person, event.data.is_typing, now));
    } else if (event.type === "message.sent" && event.data.message.sender !== null) {
      this.#show(stopped(this.#typists, event.data.message.sender.id));
    } else if (event.type === "member.left") {
      this.#show(event.data.people.reduce(stopped, this.#typists));
    }
  }

  clear(): void {
    this.#show([]);
  }

  #show(typists: readonly Typist[]): void {
    if (typists === this.#typists) return;
    const before = this.#typists;
    this.#typists = typists;
    const { clock } = this.#client;
    clock.clearTimeout(this.#timer);
    if (typists.length > 0) {
      const next = Math.min(...typists.map(({ until }) => until));
      const expire = () => this.#show(expired(this.#typists, clock.now()));
      this.#timer = clock.setTimeout(expire, Math.max(0, next - clock.now()));
    }
    // A refresh changes nobody's screen.
    const ids = (list: readonly Typist[]) => list.map(({ person }) => person.id).join(" ");
    if (ids(before) !== ids(typists)) this.state.set(typists.map(({ person }) => person));
  }
}
