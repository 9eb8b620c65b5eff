/** What a person can do to notifications: each makes a pending write, a command, and a way back. */
import type { CarillonClient } from "../api.js";
import type { Inbox, Notification } from "../protocol.js";
import { changed, type ItemAction, type PendingWrite, type RangeAction } from "../reducers/pending.js";
import type { NotificationsSnapshot, WriteHandle } from "./contract.js";
import { type Entry, type PendingWrites, pendingWrites } from "./pending_writes.js";

const MOST_IDS = 100;

const OPPOSITES: Readonly<Partial<Record<ItemAction, ItemAction>>> = {
  read: "unread",
  unread: "read",
  archive: "unarchive",
  unarchive: "archive",
  snooze: "unsnooze",
};

export interface ActionOptions {
  until?: string;
  holdFor?: number;
  button?: string;
}

let lastRef = 0;

export class NotificationActions {
  readonly #client: CarillonClient;
  readonly #writes: PendingWrites;
  readonly #shown: () => NotificationsSnapshot;

  constructor(client: CarillonClient, shown: () => NotificationsSnapshot) {
    this.#client = client;
    this.#writes = pendingWrites(client);
    this.#shown = shown;
  }

  /** Changes the named notifications, a hundred at a time. */
  change(action: ItemAction, ids: readonly string[], options: ActionOptions = {}): WriteHandle {
    const known = new Map(this.#shown().items.map((item) => [item.id, item]));
    const items = ids.flatMap((id) => known.get(id) ?? []);
    return this.#changeItems(action, ids, items, options);
  }

  readAll(): WriteHandle {
    const { inbox, items } = this.#shown();
    const upTo = this.#lastNumber();
    const unread = items.filter((item) => !item.is_read);
    const write = this.#write("read_all", { items: unread, upTo });
    const entry = this.#submit(write, "notification.read_all", { up_to: upTo }, 0);
    return this.#handle([entry], async () => {
      const reply = await entry.done;
      const restored = this.#write("restore_unread", { items: unread, gain: gainOf(inbox, reply) });
      await this.#submit(restored, "notification.restore_unread", { stamp: reply.stamp }, 0).done;
    });
  }

  clearRead(options: ActionOptions = {}): WriteHandle {
    const upTo = this.#lastNumber();
    const write = this.#write("clear_read", { upTo });
    return this.#handle([this.#submit(write, "notification.clear_read", { up_to: upTo }, options.holdFor ?? 0)], null);
  }

  /** Null when there is nothing unseen. */
  seen(): WriteHandle | null {
    const { inbox } = this.#shown();
    if (inbox.unseen === 0) return null;
    const upTo = this.#lastNumber();
    const write = this.#write("seen", { upTo });
    return this.#handle([this.#submit(write, "notification.seen", { up_to: upTo }, 0)], null);
  }

  #changeItems(
    action: ItemAction,
    ids: readonly string[],
    items: readonly Notification[],
    options: ActionOptions,
  ): WriteHandle {
    const until = options.until ?? null;
    const button = options.button ?? "";
    const entries = inParts(ids).map((part) => {
      const concerned = items.filter((item) => part.includes(item.id));
      const write = this.#write(action, { items: concerned, ids: part, until, button });
      const data = dataOf(part, until, button);
      return this.#submit(write, `notification.${action}`, data, options.holdFor ?? 0);
    });
    const opposite = OPPOSITES[action];
    return this.#handle(
      entries,
      opposite === undefined ? null : () => this.#takeBack(action, opposite, ids, items, entries),
    );
  }

  /** Archiving also marked as read, so its way back has a second step for what was unread. */
  async #takeBack(
    action: ItemAction,
    opposite: ItemAction,
    ids: readonly string[],
    before: readonly Notification[],
    entries: readonly Entry[],
  ): Promise<void> {
    await Promise.all(entries.map((entry) => entry.done));
    const wasUnread = before.filter((item) => !item.is_read).map((item) => item.id);
    const concerned = action === "read" ? wasUnread : ids;
    const now = entries.flatMap(({ submission: { write } }) =>
      write.items.flatMap((item) => changed(item, write) ?? []),
    );
    const steps = concerned.length > 0 ? [this.#again(opposite, concerned, now)] : [];
    if (action === "archive" && wasUnread.length > 0) {
      const unarchived = now.map((item) => ({ ...item, is_archived: false }));
      steps.push(this.#again("unread", wasUnread, unarchived));
    }
    await Promise.all(steps.map((step) => step.done));
  }

  /** The items may have left this list by now; those remembered stand in for them. */
  #again(action: ItemAction, ids: readonly string[], remembered: readonly Notification[]): WriteHandle {
    const shown = new Map(this.#shown().items.map((item) => [item.id, item]));
    const known = new Map(remembered.map((item) => [item.id, item]));
    const items = ids.flatMap((id) => shown.get(id) ?? known.get(id) ?? []);
    return this.#changeItems(action, ids, items, {});
  }

  #write(action: ItemAction | RangeAction, parts: Partial<PendingWrite>): PendingWrite {
    lastRef += 1;
    const empty = { items: [], ids: [], upTo: 0, until: null, button: "", gain: null, position: null, version: null };
    return { ...empty, ref: `w${lastRef}`, action, at: this.#now(), ...parts };
  }

  #submit(write: PendingWrite, command: string, data: Record<string, unknown>, holdFor: number): Entry {
    return this.#writes.submit({ write, command, data, holdFor });
  }

  #handle(entries: readonly Entry[], takeBack: (() => Promise<void>) | null): WriteHandle {
    const done = Promise.all(entries.map((entry) => entry.done)).then(() => undefined);
    done.catch(() => undefined);
    const isUnsent = () => entries.every((entry) => entry.phase === "held" || entry.phase === "queued");
    return {
      ref: entries[0]?.submission.write.ref ?? "",
      done,
      get canUndo() {
        return takeBack !== null || isUnsent();
      },
      undo: async () => {
        if (isUnsent()) for (const entry of entries) this.#writes.cancel(entry);
        else await takeBack?.();
      },
    };
  }

  #lastNumber(): number {
    const { inbox, items } = this.#shown();
    return Math.max(inbox.last_number, items[0]?.number ?? 0);
  }

  #now(): string {
    return new Date(this.#client.clock.now()).toISOString();
  }
}

/** How many a mark-all-read marked: known when nothing else changed the counters between `before` and its reply. */
function gainOf(before: Inbox, { inbox, position }: Record<string, unknown>): PendingWrite["gain"] {
  const after = inbox as Inbox | undefined;
  const isAlone = after?.version === before.version + 1 && position !== null;
  return isAlone ? { unread: before.unread - after.unread, version: after.version } : null;
}

function dataOf(ids: readonly string[], until: string | null, button: string): Record<string, unknown> {
  if (button) return { id: ids[0], action: button };
  return until === null ? { ids } : { ids, until };
}

function inParts(ids: readonly string[]): string[][] {
  const parts: string[][] = [];
  for (let start = 0; start < ids.length; start += MOST_IDS) parts.push(ids.slice(start, start + MOST_IDS));
  return parts;
}
