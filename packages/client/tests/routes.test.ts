/** The REST side of each write, for when no socket can be had. */
import { describe, expect, it } from "vitest";
import type { CommandData } from "../src/index.js";
import { restRoute } from "../src/writes.js";

const C = { conversation: 7 };

describe("the way of a write over REST", () => {
  it.each([
    [
      "message.send",
      { ...C, content: "Hi", reply_to: 3 },
      "post",
      "/conversations/7/messages/",
      { content: "Hi", reply_to: 3 },
    ],
    ["message.edit", { ...C, message: 9, content: "Hi" }, "patch", "/conversations/7/messages/9/", { content: "Hi" }],
    ["message.delete", { ...C, message: 9 }, "delete", "/conversations/7/messages/9/", {}],
    [
      "message.react",
      { ...C, message: 9, emoji: "👍", on: true },
      "post",
      "/conversations/7/messages/9/react/",
      { emoji: "👍", on: true },
    ],
    [
      "conversation.create",
      { kind: "direct", people: ["2"] },
      "post",
      "/conversations/",
      { kind: "direct", people: ["2"] },
    ],
    ["conversation.update", { ...C, title: "T" }, "patch", "/conversations/7/", { title: "T" }],
    ["conversation.read", { ...C, up_to: 12 }, "post", "/conversations/7/read/", { up_to: 12 }],
    ["conversation.mute", { ...C, until: null }, "post", "/conversations/7/mute/", { until: null }],
    ["conversation.leave", C, "post", "/conversations/7/leave/", {}],
    ["member.add", { ...C, people: ["2"] }, "post", "/conversations/7/members/", { people: ["2"] }],
    ["member.remove", { ...C, person: "a/b" }, "delete", "/conversations/7/members/a%2Fb/", {}],
    [
      "member.set_role",
      { ...C, person: "2", role: "admin" },
      "patch",
      "/conversations/7/members/2/",
      { role: "admin" },
    ],
    ["person.block", { person: "2" }, "put", "/people/2/block/", {}],
    ["person.unblock", { person: "2" }, "delete", "/people/2/block/", {}],
    ["notification.read", { ids: ["a"] }, "post", "/notifications/batch/", { action: "read", ids: ["a"] }],
    ["notification.seen", { up_to: 3 }, "post", "/notifications/seen/", { up_to: 3 }],
  ] satisfies [keyof CommandData, object, string, string, object][])("of %s", (name, data, method, path, body) => {
    expect(restRoute(name, { ...data })).toEqual({ method, path, body });
  });

  it.each(["typing.set", "presence.watch", "conversation.look", "subscribe", "notification.unknown", "toString"])(
    "is none for %s",
    (name) => {
      expect(restRoute(name, {})).toBeNull();
    },
  );
});
