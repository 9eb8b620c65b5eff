/** Which topics are followed, and the subscriptions that this needs on the current connection. */
import type { Follow, FollowHandlers } from "./api.js";
import type { Clock } from "./clock.js";
import { asClientError, type ClientError } from "./errors.js";
import { FollowedTopic } from "./followed_topic.js";
import { judge, positionOf, readPosition } from "./positions.js";
import type { EventFrame, Hello, Position, ResyncFrame } from "./protocol.js";
import { batch } from "./stores/store.js";

/** The topic of the signed-in person, whatever its name on the wire. */
export const OWN_TOPIC = "user:me";

const RETRY_AFTER = 2_000;

/** Sends one command over the open connection. */
export type SendCommand = (name: string, data: Record<string, unknown>) => Promise<Record<string, unknown>>;

export class Topics {
  readonly #send: SendCommand;
  readonly #clock: Clock;
  readonly #onEvent: (event: EventFrame) => void;
  readonly #topics = new Map<string, FollowedTopic>();
  readonly #subscribing = new Set<string>();
  /** How far each topic was heard, by name on the wire. */
  readonly #heard = new Map<string, Position>();
  #ownName: string | null = null;
  #isOpen = false;
  /** Tells answers of a former connection apart. */
  #round = 0;

  /** `onEvent` hears every event once, before the followers do. */
  constructor(send: SendCommand, clock: Clock, onEvent: (event: EventFrame) => void) {
    this.#send = send;
    this.#clock = clock;
    this.#onEvent = onEvent;
  }

  follow(topic: string, handlers: FollowHandlers, position: Position | null): Follow {
    return this.#entry(topic).follow(handlers, position);
  }

  opened(hello: Hello): void {
    this.#round += 1;
    this.#isOpen = true;
    this.#ownName = hello.user_topic;
    this.#subscribing.clear();
    for (const topic of this.#topics.values()) topic.interrupted();
    if (hello.user_topic !== null) this.#entry(OWN_TOPIC).greeted(hello.position);
    for (const key of [...this.#topics.keys()]) this.#care(key);
  }

  closed(): void {
    this.#isOpen = false;
    this.#round += 1;
    this.#subscribing.clear();
    for (const topic of this.#topics.values()) topic.interrupted();
  }

  receive(event: EventFrame): void {
    batch(() => {
      this.#hear(event);
      for (const key of this.#keysOf(event.topic)) {
        const isComplete = this.#topics.get(key)?.receive(event) ?? true;
        if (!isComplete) this.#care(key);
      }
    });
  }

  resync(frame: ResyncFrame): void {
    batch(() => {
      for (const key of this.#keysOf(frame.topic)) this.#topics.get(key)?.resync(frame.data.reason);
    });
  }

  /** The server took the topic away; it is not asked for again. */
  end(name: string, error: ClientError): void {
    for (const key of this.#keysOf(name)) {
      const entry = this.#topics.get(key);
      this.#topics.delete(key);
      batch(() => entry?.end(error));
    }
  }

  #hear(event: EventFrame): void {
    const position = positionOf(event);
    if (judge(event, this.#heard.get(event.topic) ?? null) === "repeat") return;
    if (position !== null) this.#heard.set(event.topic, position);
    this.#onEvent(event);
  }

  #entry(key: string): FollowedTopic {
    const known = this.#topics.get(key);
    if (known !== undefined) return known;
    const topic = new FollowedTopic(() => this.#care(key));
    this.#topics.set(key, topic);
    return topic;
  }

  #care(key: string): void {
    const topic = this.#topics.get(key);
    if (topic === undefined || !this.#isOpen || this.#subscribing.has(key)) return;
    if (topic.isFollowed) {
      if (topic.needsSubscription) void this.#subscribe(key, topic);
    } else if (key !== OWN_TOPIC) {
      this.#topics.delete(key);
      // Our own topic is delivered whether we ask or not, and others may listen to it under its other name.
      if (key !== this.#ownName) this.#send("unsubscribe", { topic: key }).catch(() => undefined);
    }
  }

  async #subscribe(key: string, topic: FollowedTopic): Promise<void> {
    const name = key === OWN_TOPIC ? this.#ownName : key;
    if (name === null) return;
    const round = this.#round;
    const position = topic.wanted;
    this.#subscribing.add(key);
    try {
      const reply = await this.#send("subscribe", { topic: name, ...(position === null ? {} : { position }) });
      if (round !== this.#round) return;
      this.#subscribing.delete(key);
      batch(() => topic.delivering(readPosition(reply.position), position));
      this.#care(key);
    } catch (thrown) {
      if (round !== this.#round) return;
      this.#subscribing.delete(key);
      this.#refused(key, asClientError(thrown));
    }
  }

  #refused(key: string, error: ClientError): void {
    if (error.isTransient || error.code === "subscription_limit") {
      const delay = error.retryAfter === null ? RETRY_AFTER : error.retryAfter * 1_000;
      this.#clock.setTimeout(() => this.#care(key), delay);
    } else {
      this.end(key, error);
    }
  }

  #keysOf(name: string): string[] {
    return name === this.#ownName ? [name, OWN_TOPIC] : [name];
  }
}
