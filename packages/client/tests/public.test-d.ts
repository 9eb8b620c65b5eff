/** What the types promise to users of the package. */
import { expectTypeOf, test } from "vitest";
import {
  type CarillonClient,
  type ConnectionState,
  createClient,
  createNotificationsStore,
  type EventData,
  type Inbox,
  type Notification,
  type NotificationsSnapshot,
  type WriteHandle,
} from "../src/index.js";

const client = createClient();
const store = createNotificationsStore(client);

test("options", () => {
  expectTypeOf(createClient).parameter(0).exclude<undefined>().toHaveProperty("baseUrl");
  createClient({ getToken: () => "a.b.c" });
  createClient({ getToken: async ({ isStale }) => (isStale ? null : "a.b.c") });
  createClient({ auth: "cookie", language: "fr", WebSocket, fetch });
  // @ts-expect-error there is no such way to sign in
  createClient({ auth: "basic" });
  // @ts-expect-error a misspelt option is not silently ignored
  createClient({ baseURL: "https://example.org" });
});

test("client", () => {
  expectTypeOf(client).toEqualTypeOf<CarillonClient>();
  expectTypeOf(client.connection.state.getSnapshot()).toEqualTypeOf<ConnectionState>();
  expectTypeOf(client.rest.get<{ a: number }>("/x/")).resolves.toEqualTypeOf<{ a: number }>();
  client.on("notification.created", (event) => {
    expectTypeOf(event.data).toEqualTypeOf<EventData["notification.created"]>();
    expectTypeOf(event.type).toEqualTypeOf<"notification.created">();
  });
  // @ts-expect-error the server knows no such event
  client.on("notification.made", () => undefined);
});

test("notifications", () => {
  expectTypeOf(store.getSnapshot()).toEqualTypeOf<NotificationsSnapshot>();
  expectTypeOf<NotificationsSnapshot["items"]>().toEqualTypeOf<readonly Notification[]>();
  expectTypeOf<NotificationsSnapshot["inbox"]>().toEqualTypeOf<Inbox>();
  expectTypeOf(store.markRead).parameter(0).toEqualTypeOf<readonly string[]>();
  expectTypeOf(store.seen()).toEqualTypeOf<WriteHandle | null>();
  createNotificationsStore(client, { view: "archive", filters: { unread: true }, pageSize: 50 });
  // @ts-expect-error there is no such view
  createNotificationsStore(client, { view: "trash" });
  expectTypeOf<Notification["actor"]>().toExtend<{ name: string } | null>();
});
