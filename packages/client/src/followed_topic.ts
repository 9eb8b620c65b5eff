/** One topic of one connection: its followers, each with its own position, and what the wire has delivered. */
import type { Follow, FollowHandlers } from "./api.js";
import type { ClientError } from "./errors.js";
import { hasReached, judge, lowest, positionOf } from "./positions.js";
import type { EventFrame, Position } from "./protocol.js";

/** Gaps repaired in a row without one event in order, after which a fresh snapshot is the only way out. */
const MOST_REPAIRS = 3;

interface Follower {
  handlers: FollowHandlers;
  position: Position | null;
  /** Waits for a fresh snapshot, and hears nothing meanwhile. */
  isSuspended: boolean;
}

export class FollowedTopic {
  /** Where the server's delivery to this connection has got to; null when it delivers nothing to us. */
  #wire: Position | null = null;
  #isDelivered = false;
  #repairs = 0;
  readonly #followers = new Set<Follower>();
  readonly #onChange: () => void;

  /** `onChange` is called when a follower came or went, so that the subscription may need care. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get isFollowed(): boolean {
    return this.#followers.size > 0;
  }

  follow(handlers: FollowHandlers, position: Position | null): Follow {
    const follower: Follower = { handlers, position, isSuspended: false };
    this.#followers.add(follower);
    this.#onChange();
    return {
      get position() {
        return follower.position;
      },
      resume: (from) => {
        follower.position = from;
        follower.isSuspended = false;
        this.#onChange();
      },
      stop: () => {
        if (this.#followers.delete(follower)) this.#onChange();
      },
    };
  }

  /** The server answered that it delivers from `position` on, where `asked` was asked for. */
  delivering(position: Position | null, asked: Position | null): void {
    const wire = position ?? asked;
    this.#isDelivered = true;
    this.#wire = wire;
    const isHonoured = asked === null || wire === null || hasReached(asked, wire);
    for (const follower of this.#active()) {
      follower.position ??= wire;
      // Another epoch, or later than asked: what lies between is lost to this follower.
      const isForeign = follower.position?.epoch !== wire?.epoch;
      if (isForeign || !(isHonoured || this.#covers(follower))) this.#suspend(follower, "gap");
    }
  }

  /** The connection, or the subscription, is gone. */
  interrupted(): void {
    this.#isDelivered = false;
    this.#wire = null;
  }

  /** Takes the greeting's position for a topic that the server follows by itself; followers may be behind it. */
  greeted(position: Position | null): void {
    this.#isDelivered = true;
    this.#wire = position;
    for (const follower of this.#active()) follower.position ??= position;
  }

  /** True when some follower would miss something with the delivery as it is. */
  get needsSubscription(): boolean {
    return this.#active().some((follower) => !this.#covers(follower));
  }

  /** From where all followers miss nothing; null when none of them has a position. */
  get wanted(): Position | null {
    return lowest(this.#active().flatMap((follower) => follower.position ?? []));
  }

  /** Hands the event to those for whom it is the next; returns false when something is missing in between. */
  receive(event: EventFrame): boolean {
    let isComplete = true;
    for (const follower of this.#active()) {
      const verdict = judge(event, follower.position);
      if (verdict === "gap") isComplete = false;
      if (verdict === "next") {
        follower.position = positionOf(event);
        this.#repairs = 0;
      }
      if (verdict === "next" || verdict === "ephemeral") follower.handlers.onEvent(event);
    }
    this.#wire = positionOf(event) ?? this.#wire;
    // Without a delivery that was agreed on, a subscription is on its way and will bring what is missing.
    if (!isComplete && this.#isDelivered) this.#repair();
    return isComplete;
  }

  /** Sends all followers to their snapshots. */
  resync(reason: string): void {
    this.interrupted();
    for (const follower of this.#active()) this.#suspend(follower, reason);
  }

  end(error: ClientError): void {
    const followers = [...this.#followers];
    this.#followers.clear();
    this.interrupted();
    for (const follower of followers) follower.handlers.onEnd?.(error);
  }

  #repair(): void {
    this.#repairs += 1;
    if (this.#repairs > MOST_REPAIRS) this.resync("gap");
    else this.interrupted();
  }

  #covers(follower: Follower): boolean {
    if (!this.#isDelivered) return false;
    if (follower.position === null || this.#wire === null) return follower.position === null;
    return hasReached(follower.position, this.#wire);
  }

  #active(): Follower[] {
    return [...this.#followers].filter((follower) => !follower.isSuspended);
  }

  #suspend(follower: Follower, reason: string): void {
    follower.isSuspended = true;
    follower.handlers.onResync(reason);
  }
}
