/** Notifications, counters, pages and events to test with. */
import type { EventData, EventFrame, EventType, Inbox, Notification } from "../../src/protocol.js";
import type { NotificationsPage } from "../../src/reducers/notifications.js";

export function notification(number: number, change: Partial<Notification> = {}): Notification {
  return {
    id: `id${String(number).padStart(10, "0")}`,
    number,
    type: "message",
    severity: "info",
    kind: "",
    title: `Notification ${number}`,
    message: "",
    url: "",
    icon: "",
    group_key: "",
    actor: null,
    data: {},
    message_id: "",
    is_read: false,
    is_seen: false,
    is_archived: false,
    snoozed_until: null,
    read_at: null,
    created_at: "2026-11-21T10:00:00.000Z",
    ...change,
  };
}

export function inbox(unread: number, version: number, change: Partial<Inbox> = {}): Inbox {
  return { unread, unseen: unread, version, last_number: version, ...change };
}

export function page(numbers: readonly number[], change: Partial<NotificationsPage> = {}): NotificationsPage {
  const results = numbers.map((number) => notification(number));
  const highest = numbers[0] ?? 0;
  return {
    results,
    next: null,
    inbox: inbox(results.length, 10, { last_number: highest }),
    position: { epoch: "e1", offset: 10 },
    ...change,
  };
}

export function event<Type extends EventType>(
  type: Type,
  offset: number,
  data: EventData[Type],
): EventFrame<Type, EventData[Type]> {
  return { type, topic: "user:1", epoch: "e1", offset, at: "2026-11-21T10:00:01.000Z", data };
}
