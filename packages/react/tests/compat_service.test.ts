import { type ClientError, createClient } from "@carillon/client";
import { describe, expect, it } from "vitest";
import { createNotificationsService } from "../src/compat/index";
import { many } from "./support/notifications";

const [newest, older] = many(2);
const inbox = { unread: 4, unseen: 0, version: 1, last_number: 2 };

/** A service over a client whose server answers by a table; `asked` is what came there. */
function serve(answers: Record<string, unknown>) {
  const asked: string[] = [];
  const client = createClient({
    baseUrl: "https://example.test",
    getToken: () => "a.b.c",
    fetch: async (url, { method, headers } = {}) => {
      const { pathname, search } = new URL(String(url));
      expect(headers).toMatchObject({ Authorization: "Bearer a.b.c" });
      asked.push(`${method} ${pathname}${search}`);
      const answer = answers[`${method} ${pathname}`];
      if (answer !== undefined) return Response.json(answer);
      return Response.json({ code: "not_found", detail: "There is no such notification." }, { status: 404 });
    },
  });
  return { service: createNotificationsService(client), asked };
}

describe("services/notifications covers(001-28)", () => {
  it("lists, by the document's filters", async () => {
    const { service, asked } = serve({ "GET /api/v1/notifications/": { results: [newest, older], next: null, inbox } });
    expect(await service.list()).toEqual([newest, older]);
    await service.list({ unreadOnly: true, type: "email", limit: 5 });
    await service.list({ unreadOnly: false });
    expect(asked).toEqual([
      "GET /api/v1/notifications/?limit=100",
      "GET /api/v1/notifications/?unread=true&type=email&limit=5",
      "GET /api/v1/notifications/?limit=100",
    ]);
  });

  it("gets, marks, counts and deletes", async () => {
    const { service, asked } = serve({
      "GET /api/v1/notifications/a/": { notification: newest, inbox },
      "POST /api/v1/notifications/a/read/": { notifications: [{ ...newest, is_read: true }], inbox },
      "POST /api/v1/notifications/a/unread/": { notifications: [newest], inbox },
      "GET /api/v1/notifications/inbox/": { inbox },
      "POST /api/v1/notifications/read-all/": { inbox: { ...inbox, unread: 0 }, stamp: "s" },
      "DELETE /api/v1/notifications/a/": { inbox: { ...inbox, unread: 3 } },
      "POST /api/v1/notifications/clear-read/": { inbox },
    });
    expect(await service.get("a")).toEqual(newest);
    expect(await service.markRead("a")).toMatchObject({ is_read: true });
    expect(await service.markUnread("a")).toMatchObject({ is_read: false });
    expect(await service.unreadCount()).toBe(4);
    expect(await service.markAllRead()).toBe(0);
    expect(await service.remove("a")).toBe(3);
    expect(await service.clearRead()).toBe(4);
    expect(asked).toHaveLength(7);
  });

  it("rejects with the server's own reason, and lets no id leave its place in the path", async () => {
    const { service, asked } = serve({});
    const refusal = await service.markRead("../x?y").catch((error: ClientError) => error);
    expect(refusal).toMatchObject({ code: "not_found", status: 404, message: "There is no such notification." });
    expect(asked).toEqual(["POST /api/v1/notifications/..%2Fx%3Fy/read/"]);
  });
});
