/** The server's rules for one inbox, in memory: rows, counters, and the event of each write. */
import type { EventData, EventFrame, EventType, Inbox, Notification, Position } from "../../src/protocol.js";
import type { NotificationsPage } from "../../src/reducers/notifications.js";
import { belongs, isCountedUnread, isCountedUnseen } from "../../src/reducers/views.js";
import type { NotificationFilters, NotificationsView } from "../../src/stores/contract.js";
import { notification } from "./fixtures.js";

export class ModelInbox {
  rows: Notification[] = [];
  readonly events: EventFrame[] = [];
  lastNumber = 0;
  #version = 0;
  #moment = 0;

  get inbox(): Inbox {
    const unread = this.rows.filter(isCountedUnread).length;
    const unseen = this.rows.filter(isCountedUnseen).length;
    return { unread, unseen, version: this.#version, last_number: this.lastNumber };
  }

  get position(): Position {
    return { epoch: "e1", offset: this.events.length };
  }

  page(view: NotificationsView, filters: NotificationFilters = {}, limit = 100, cursor: string | null = null) {
    const below = cursor === null ? Number.POSITIVE_INFINITY : Number(cursor);
    const all = this.rows
      .filter((row) => belongs(row, view, filters) && row.number < below)
      .sort((a, b) => b.number - a.number);
    const results = all.slice(0, limit);
    const next = all.length > limit ? String(results.at(-1)?.number) : null;
    return { results, next, inbox: this.inbox, position: this.position } satisfies NotificationsPage;
  }

  create(change: Partial<Notification> = {}): EventFrame {
    this.lastNumber += 1;
    const row = notification(this.lastNumber, change);
    this.rows.push(row);
    return this.#tell("notification.created", { notification: row });
  }

  /** A snooze ends: it is announced again under a new number. */
  wake(id: string): EventFrame {
    this.lastNumber += 1;
    const change = { snoozed_until: null, is_read: false, is_seen: false, read_at: null, number: this.lastNumber };
    const row = this.#patch(
      (one) => one.id === id,
      () => change,
    )[0];
    return this.#tell("notification.created", { notification: row as Notification });
  }

  change(ids: readonly string[], change: (row: Notification) => Partial<Notification>): EventFrame {
    const notifications = this.#patch(({ id }) => ids.includes(id), change);
    return this.#tell("notification.updated", { notifications });
  }

  read(ids: readonly string[]): EventFrame {
    const at = this.#now();
    return this.change(ids, (row) => ({ is_read: true, is_seen: true, read_at: row.read_at ?? at }));
  }

  unread(ids: readonly string[]): EventFrame {
    return this.change(ids, () => ({ is_read: false, read_at: null }));
  }

  archive(ids: readonly string[]): EventFrame {
    const at = this.#now();
    const change = { is_archived: true, is_read: true, is_seen: true, snoozed_until: null };
    return this.change(ids, (row) => ({ ...change, read_at: row.read_at ?? at }));
  }

  unarchive(ids: readonly string[]): EventFrame {
    return this.change(ids, () => ({ is_archived: false }));
  }

  snooze(ids: readonly string[]): EventFrame {
    return this.change(ids, () => ({ is_archived: false, snoozed_until: "2026-12-01T08:00:00.000Z" }));
  }

  delete(ids: readonly string[]): EventFrame {
    this.rows = this.rows.filter(({ id }) => !ids.includes(id));
    return this.#tell("notification.deleted", { ids: [...ids] });
  }

  readAll(upTo: number): EventFrame<"notification.all_read", EventData["notification.all_read"]> {
    const readAt = this.#now();
    const concerns = (row: Notification) => row.number <= upTo && isCountedUnread(row);
    this.#patch(concerns, () => ({ is_read: true, is_seen: true, read_at: readAt }));
    return this.#tell("notification.all_read", { up_to: upTo, read_at: readAt });
  }

  restore(upTo: number, readAt: string): EventFrame {
    this.#patch(
      (row) => row.number <= upTo && row.read_at === readAt,
      () => ({ is_read: false, read_at: null }),
    );
    return this.#tell("notification.read_restored", { up_to: upTo, read_at: readAt });
  }

  seen(upTo: number): EventFrame {
    this.#patch(
      (row) => row.number <= upTo,
      () => ({ is_seen: true }),
    );
    return this.#tell("notification.all_seen", { up_to: upTo });
  }

  clear(upTo: number): EventFrame {
    this.rows = this.rows.filter((row) => !(row.number <= upTo && row.is_read));
    return this.#tell("notification.read_cleared", { up_to: upTo });
  }

  #patch(
    concerns: (row: Notification) => boolean,
    change: (row: Notification) => Partial<Notification>,
  ): Notification[] {
    const changed: Notification[] = [];
    this.rows = this.rows.map((row) => {
      if (!concerns(row)) return row;
      const after = { ...row, ...change(row) };
      changed.push(after);
      return after;
    });
    return changed;
  }

  #tell<Type extends EventType>(type: Type, data: Omit<EventData[Type], "inbox">): EventFrame<Type, EventData[Type]> {
    this.#version += 1;
    const full = { ...data, inbox: this.inbox } as EventData[Type];
    const offset = this.events.length + 1;
    const event = { type, topic: "user:1", epoch: "e1", offset, at: this.#now(), data: full };
    this.events.push(event);
    return event;
  }

  #now(): string {
    this.#moment += 1;
    return new Date(Date.UTC(2026, 10, 21, 10, 0, 0, this.#moment)).toISOString();
  }
}
