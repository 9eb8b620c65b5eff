/** Counters with the reader's own pending writes counted in, as far as it is known what they change. */
import type { Inbox, Notification } from "../protocol.js";
import { changed, type PendingWrite } from "./pending.js";
import { isCountedUnread, isCountedUnseen, viewOf } from "./views.js";

/** What is known of single notifications, at one version of the counters. */
export interface Knowledge {
  readonly version: number;
  /** Undefined when nothing is known of it, null when it was deleted. */
  find(id: string): Notification | null | undefined;
  all(): readonly Notification[];
  knowsAbove(number: number): boolean;
}

/**
 * The counters as they will be when the server agrees to `writes`, in their order. A write of unknown effect is left out:
 * a number is shown ahead of the server only when it is certain, else it is the server's last one.
 */
export function overlayInbox(inbox: Inbox, knowledge: Knowledge, writes: readonly PendingWrite[]): Inbox {
  if (writes.length === 0 || knowledge.version !== inbox.version) return inbox;
  const ahead = new Ahead(inbox, knowledge);
  for (const write of writes) ahead.count(write);
  return { ...inbox, unread: Math.max(0, ahead.unread), unseen: Math.max(0, ahead.unseen) };
}

class Ahead {
  unread: number;
  unseen: number;
  readonly #version: number;
  readonly #knowledge: Knowledge;
  /** What earlier writes have made of single notifications. */
  readonly #changed = new Map<string, Notification | null>();

  constructor(inbox: Inbox, knowledge: Knowledge) {
    this.unread = inbox.unread;
    this.unseen = inbox.unseen;
    this.#version = inbox.version;
    this.#knowledge = knowledge;
  }

  count(write: PendingWrite): void {
    switch (write.action) {
      case "read_all":
        this.#readAll(write);
        break;
      case "seen":
        this.#see(write);
        break;
      case "clear_read":
        // What is read is neither unread nor unseen.
        this.#change(
          this.#upTo(write.upTo).filter((one) => one.is_read),
          () => null,
        );
        break;
      case "restore_unread":
        this.#restore(write);
        break;
      default:
        this.#countItems(write);
    }
  }

  #countItems(write: PendingWrite): void {
    const found = write.ids.map((id) => this.#find(id));
    if (found.includes(undefined)) return;
    for (const one of found) {
      if (!one) continue;
      const after = changed(one, write);
      this.unread += Number(after !== null && isCountedUnread(after)) - Number(isCountedUnread(one));
      this.unseen += Number(after !== null && isCountedUnseen(after)) - Number(isCountedUnseen(one));
      this.#changed.set(one.id, after);
    }
  }

  #readAll(write: PendingWrite): void {
    if (!this.#knowledge.knowsAbove(write.upTo)) return;
    const newer = this.#all().filter(({ number }) => number > write.upTo);
    this.unread = newer.filter(isCountedUnread).length;
    this.unseen = newer.filter(isCountedUnseen).length;
    const here = this.#upTo(write.upTo).filter((one) => viewOf(one) === "inbox");
    this.#change(here, (one) => changed(one, write));
  }

  #see(write: PendingWrite): void {
    if (!this.#knowledge.knowsAbove(write.upTo)) return;
    const newer = this.#all().filter(({ number }) => number > write.upTo);
    this.unseen = newer.filter(isCountedUnseen).length;
    this.#change(this.#upTo(write.upTo), (one) => changed(one, write));
  }

  /** How many it brings back was counted when they were marked, and is right as long as nothing else happened. */
  #restore(write: PendingWrite): void {
    if (write.gain?.version !== this.#version) return;
    this.unread += write.gain.unread;
    this.#change(
      write.items.flatMap(({ id }) => this.#find(id) ?? []),
      (one) => changed(one, write),
    );
  }

  #change(notifications: readonly Notification[], change: (one: Notification) => Notification | null): void {
    for (const one of notifications) this.#changed.set(one.id, change(one));
  }

  #find(id: string): Notification | null | undefined {
    return this.#changed.has(id) ? this.#changed.get(id) : this.#knowledge.find(id);
  }

  #all(): Notification[] {
    return this.#knowledge.all().flatMap(({ id }) => this.#find(id) ?? []);
  }

  #upTo(number: number): Notification[] {
    return this.#all().filter((one) => one.number <= number);
  }
}
