/** Carillon's server as a browser sees it, answered inside the browser: for looking at states, not for testing the protocol. */
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { FakeChat } from "./fake_chat.mjs";
import { accounts, arrival, notifications, people } from "./fixtures.mjs";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};
/** The policy that the real server sends: what works here works there. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const CHANGES = {
  "notification.read": { is_read: true, is_seen: true },
  "notification.unread": { is_read: false, read_at: null },
  "notification.archive": { is_archived: true, is_read: true, is_seen: true },
  "notification.unarchive": { is_archived: false },
  "notification.snooze": {},
  "notification.unsnooze": { snoozed_until: null },
};

export class Fake {
  constructor({ language = "fr", count, isAllUnread, isSignedIn = true, longestPage = 100, chat, messages }) {
    this.longestPage = longestPage;
    this.language = language;
    this.items = notifications(language, count, isAllUnread);
    this.isSignedIn = isSignedIn;
    this.chat = new FakeChat({ language, chat, messages, longestPage }, (event) => this.#send(event));
    this.version = 1;
    this.sockets = new Set();
    this.acceptsSockets = true;
  }

  get inbox() {
    const here = this.items.filter((item) => !item.is_archived && !item.snoozed_until);
    return {
      unread: here.filter((item) => !item.is_read).length,
      unseen: here.filter((item) => !item.is_seen).length,
      version: this.version,
      last_number: this.items[0]?.number ?? 0,
    };
  }

  get position() {
    return this.chat.position("user:1");
  }

  grant() {
    return {
      access: "a.b.c",
      expires_in: 600,
      person: people.alice,
      language: this.language,
      time_zone: "Europe/Paris",
    };
  }

  /** Puts the whole of it in front of a page: files from `dist`, REST, socket. */
  async install(page, origin, dist) {
    await page.route(`${origin}/**`, (route) => this.#file(route, dist));
    await page.route(`${origin}/api/v1/**`, (route) => this.#rest(route));
    await page.routeWebSocket(/\/ws\//, (socket) => this.#socket(socket));
  }

  ring() {
    const item = arrival(this.language, this.inbox.last_number + 1);
    this.items.unshift(item);
    this.#publish("notification.created", { notification: item });
  }

  cut() {
    this.acceptsSockets = false;
    for (const socket of this.sockets) socket.close({ code: 1011, reason: "" });
  }

  async #file(route, dist) {
    const { pathname } = new URL(route.request().url());
    const path = pathname.startsWith("/static/demo/") ? pathname.slice(13) : "index.html";
    try {
      const body = await readFile(join(dist, path));
      await route.fulfill({
        body,
        headers: {
          "content-type": TYPES[extname(path)] ?? "application/octet-stream",
          "content-security-policy": POLICY,
        },
      });
    } catch {
      await route.fulfill({ status: 404, body: "" });
    }
  }

  async #rest(route) {
    const request = route.request();
    const url = new URL(request.url());
    const path = url.pathname.slice("/api/v1".length);
    const body = request.postDataJSON?.() ?? {};
    const [status, answer] = this.#answer(request.method(), path, url.searchParams, body);
    await route.fulfill({
      status,
      contentType: "application/json",
      body: answer === null ? "" : JSON.stringify(answer),
    });
  }

  #answer(method, path, query, body) {
    if (path === "/demo/accounts/") return [200, accounts[this.language]];
    if (path === "/auth/refresh/") return this.isSignedIn ? [200, this.grant()] : [401, { code: "unauthenticated" }];
    if (path === "/auth/login/") {
      if (body.password !== body.username) return [401, { code: "unauthenticated", detail: "Wrong name or password." }];
      this.isSignedIn = true;
      return [200, this.grant()];
    }
    if (path === "/auth/logout/") return [204, null];
    if (path === "/me/") {
      this.language = body.language ?? this.language;
      return [200, { person: people.alice, language: this.language, time_zone: "Europe/Paris" }];
    }
    if (path === "/demo/ring/") {
      setTimeout(() => this.ring(), 50);
      return [201, { id: "0" }];
    }
    const said = this.chat.answer(method, path, query, body, this.position);
    if (said) return said;
    if (method === "GET" && path === "/notifications/") return [200, this.#list(query)];
    return [404, { code: "not_found", detail: path }];
  }

  #list(query) {
    const view = query.get("view") ?? "inbox";
    const words = query.get("q")?.toLowerCase();
    const limit = this.longestPage > 100 ? this.longestPage : Number(query.get("limit") ?? 30);
    const after = Number(query.get("cursor") ?? Number.MAX_SAFE_INTEGER);
    const all = this.items.filter(
      (item) =>
        (item.is_archived ? "archive" : item.snoozed_until ? "snoozed" : "inbox") === view &&
        item.number < after &&
        !(query.get("unread") === "true" && item.is_read) &&
        (!words || `${item.title} ${item.message}`.toLowerCase().includes(words)),
    );
    const results = all.slice(0, limit);
    const next = all.length > limit ? String(results.at(-1).number) : null;
    return { results, next, inbox: this.inbox, position: this.position };
  }

  #socket(socket) {
    if (!this.acceptsSockets) {
      socket.close({ code: 1013, reason: "" });
      return;
    }
    this.sockets.add(socket);
    socket.onClose(() => this.sockets.delete(socket));
    socket.onMessage((text) => {
      const { type, ref, data, client_id: clientId } = JSON.parse(text);
      const said = this.chat.command(type, data ?? {}, clientId);
      if (said) {
        socket.send(JSON.stringify({ type: "reply", ref, data: said }));
        return;
      }
      const before = this.position.offset;
      this.#command(type, data ?? {});
      const hasMoved = this.position.offset !== before;
      const topic = type === "subscribe" ? data.topic : "user:1";
      const position = hasMoved || type === "subscribe" ? this.chat.position(topic) : null;
      socket.send(
        JSON.stringify({ type: "reply", ref, data: { inbox: this.inbox, position, topic: data?.topic, stamp: "s" } }),
      );
    });
    const hello = {
      connection: "fake",
      person: people.alice,
      user_topic: "user:1",
      position: this.position,
      limits: { frame_bytes: 65536, topics: 100, messages_per_second: 10, burst: 20 },
      heartbeat: { interval: 20, timeout: 40 },
      protocol: "carillon.v1",
    };
    setTimeout(() => socket.send(JSON.stringify({ type: "hello", data: hello })), 10);
  }

  #command(type, { ids = [], up_to: upTo = Number.MAX_SAFE_INTEGER, until }) {
    if (type === "notification.seen") {
      for (const item of this.items) item.is_seen ||= item.number <= upTo;
      this.#publish("notification.all_seen", { up_to: upTo });
      return;
    }
    if (type === "notification.read_all") {
      const at = new Date().toISOString();
      const read = { is_read: true, is_seen: true, read_at: at };
      for (const item of this.items.filter((one) => !one.is_read && one.number <= upTo)) Object.assign(item, read);
      this.#publish("notification.all_read", { up_to: upTo, read_at: at });
      return;
    }
    const change = { ...CHANGES[type], ...(until && { snoozed_until: until }) };
    const notifications = this.items.filter((item) => ids.includes(item.id));
    for (const item of notifications) Object.assign(item, change);
    if (CHANGES[type]) this.#publish("notification.updated", { notifications });
  }

  #publish(type, data) {
    this.version += 1;
    this.chat.publish("user:1", type, { ...data, inbox: this.inbox });
  }

  #send(event) {
    const frame = JSON.stringify({ ...event, at: new Date().toISOString() });
    for (const socket of this.sockets) socket.send(frame);
  }
}
