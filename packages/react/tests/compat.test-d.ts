/** What the types of `compat` promise, and that the documents' names are where they say: checked by `tsc`. */
import type { Notification } from "@carillon/client";
import { expectTypeOf, test } from "vitest";
import { Chat } from "../src/compat/components/Chat";
import { NotificationBadge } from "../src/compat/components/NotificationBadge";
import { NotificationHeader } from "../src/compat/components/NotificationHeader";
import { NotificationList } from "../src/compat/components/NotificationList";
import { Notifications } from "../src/compat/components/Notifications";
import { useNotifications } from "../src/compat/hooks/useNotifications";
import { useWebSocket } from "../src/compat/hooks/useWebSocket";
import type { BellCommand, BellMessage } from "../src/compat/index";
import Page from "../src/compat/pages/Notifications";
import { createNotificationsService, type NotificationsService } from "../src/compat/services/notifications";
import { FakeClient } from "./support/fake_client";

const url = "/ws/notifications/";

test("useWebSocket", () => {
  const ws = useWebSocket({
    url,
    onMessage: (message) => {
      expectTypeOf(message).toEqualTypeOf<BellMessage>();
      if (message.type === "notification") expectTypeOf(message.notification.title).toBeString();
      // @ts-expect-error a count has no notification
      if (message.type === "unread_count") message.notification;
    },
  });
  expectTypeOf(ws.send).parameter(0).toEqualTypeOf<object>();
  expectTypeOf(ws.send({ type: "mark_read", notification_id: "123" } satisfies BellCommand)).toBeBoolean();
  expectTypeOf(ws.isConnected).toBeBoolean();
  // @ts-expect-error text is not an object
  ws.send("mark_read");
  useWebSocket<{ type: "typing" }>({
    url: "/ws/chat/",
    onMessage: ({ type }) => expectTypeOf(type).toEqualTypeOf<"typing">(),
  });
  useWebSocket({
    url: null,
    reconnect: false,
    protocols: ["rooms"],
    getToken: async ({ isStale }) => (isStale ? null : "a.b.c"),
  });
  // @ts-expect-error a misspelt option is not silently ignored
  useWebSocket({ url, onmessage: () => undefined });
});

test("useNotifications", () => {
  const { notifications, unreadCount } = useNotifications({ unreadOnly: true, type: "message" });
  expectTypeOf(notifications).toEqualTypeOf<readonly Notification[]>();
  expectTypeOf(unreadCount).toBeNumber();
  // @ts-expect-error the wire's name is not the hook's
  useNotifications({ unread_only: true });
});

test("services/notifications", () => {
  const service = createNotificationsService(new FakeClient());
  expectTypeOf(service).toEqualTypeOf<NotificationsService>();
  expectTypeOf(service.list({ unreadOnly: true, type: "email" })).resolves.toEqualTypeOf<Notification[]>();
  expectTypeOf(service.unreadCount()).resolves.toBeNumber();
});

test("components", () => {
  expectTypeOf(Notifications).toEqualTypeOf(NotificationBadge);
  expectTypeOf(Chat).parameter(0).toEqualTypeOf<{ conversationId?: number | string; roomId?: number | string }>();
  expectTypeOf(Notifications).parameter(0).toEqualTypeOf<{ href?: string }>();
  expectTypeOf(NotificationHeader).toBeFunction();
  expectTypeOf(NotificationList).parameter(0).toEqualTypeOf<{ unreadOnly?: boolean; type?: string }>();
  expectTypeOf(Page).toBeFunction();
});
