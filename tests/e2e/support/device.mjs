// One signed-in tab or phone: the real client over its own line, and a record of every number it ever showed.
import { WebSocket } from "ws";
import { Line } from "./line.mjs";

/** The device's own time runs this much faster, so that its back-off and heartbeat fit into a test. */
const HASTE = 8;
/** Somebody who sees nothing happen stops clicking. */
const MOST_OPEN = 5;
const VIEWS = ["inbox", "archive", "snoozed"];

export class Device {
  #made;
  #token;
  #client = null;
  #stores = {};
  #ends = [];
  /** Writes that the device has not heard the answer to, or not seen the effect of, oldest first. */
  #open = [];
  #lastReply = null;
  #lives = 0;
  #refs = 0;
  /** Marked-all-read that may still be taken back. */
  #undoable = [];

  /** `module` is @carillon/client, `record` takes what is shown. */
  constructor(name, { module, token, port, record }) {
    this.name = name;
    this.line = new Line(port);
    this.#made = module;
    this.#token = token;
    this.record = record;
  }

  /** A fresh page: nothing is known, and what was not sent is lost with the page before it. */
  start() {
    this.#lives += 1;
    this.#open = [];
    this.#undoable = [];
    const began = Date.now();
    const clock = {
      now: () => began + (Date.now() - began) * HASTE,
      setTimeout: (work, delay) => setTimeout(work, delay / HASTE),
    };
    this.#client = this.#made.createClient({ baseUrl: this.line.url, WebSocket, getToken: () => this.#token, clock });
    this.#listen(this.#client);
    for (const view of VIEWS) {
      const store = this.#made.createNotificationsStore(this.#client, { view, pageSize: 20 });
      this.#stores[view] = store;
      this.#ends.push(store.subscribe(() => this.#show(view)));
    }
    this.#client.connection.start();
  }

  stop() {
    for (const end of this.#ends.splice(0)) end();
    this.#client.destroy();
  }

  /** Knows the list, and does not wait for too much. */
  get isReady() {
    return this.#stores.inbox.getSnapshot().status === "ready" && this.#open.length < MOST_OPEN;
  }

  /** Everything that was done is decided, and every list is at `version`. */
  isSettled(version) {
    const shown = VIEWS.map((view) => this.#stores[view].getSnapshot());
    const isAt = shown.every(({ inbox, pending, waiting }) => inbox.version === version && pending.size + waiting === 0);
    return isAt && this.#open.length === 0;
  }

  describe() {
    const { status, inbox, pending, waiting } = this.#stores.inbox.getSnapshot();
    const { status: link, reason } = this.#client.connection.state.getSnapshot();
    return { name: this.name, status, inbox, pending: [...pending], waiting, link, reason, open: this.#open };
  }

  items(view) {
    return this.#stores[view].getSnapshot().items;
  }

  /** Tries again now, as when a browser says that its network is back. */
  retry() {
    const { connection } = this.#client;
    if (["waiting", "stopped"].includes(connection.state.getSnapshot().status)) connection.retry();
  }

  /** One of the store's actions on single notifications; `until` for a snooze. */
  change(action, ids, until) {
    const store = this.#stores.inbox;
    const [method, option] = { unread: ["markUnread"], read: ["markRead"], delete: ["remove"], snooze: ["snooze", until] }[action] ?? [action];
    this.#watch({ action, ids, until: until ?? null }, () => store[method](ids, option));
  }

  /** A delete that waits, and is taken back before it was sent. */
  async hesitate(ids) {
    const write = this.#began({ action: "delete", ids, until: null });
    const handle = this.#stores.inbox.remove(ids, { holdFor: 3_000 });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await handle.undo();
    this.#ended(write);
  }

  range(action) {
    const store = this.#stores.inbox;
    const { inbox, items } = store.getSnapshot();
    const upTo = Math.max(inbox.last_number, items[0]?.number ?? 0);
    const run = { read_all: () => store.markAllRead(), seen: () => store.seen(), clear_read: () => store.clearRead() }[action];
    const handle = this.#watch({ action, ids: [], upTo }, run);
    if (action === "read_all") handle.done.then(() => this.#undoable.push({ handle, stamp: this.#lastReply.stamp }), () => {});
  }

  /** Takes the last mark-all-read back; false when there is none. */
  undoReadAll() {
    const last = this.#undoable.pop();
    if (last === undefined) return false;
    this.#watch({ action: "restore_unread", ids: [], stamp: last.stamp }, () => ({ done: last.handle.undo() }));
    return true;
  }

  #watch(write, run) {
    const entry = this.#began(write);
    const handle = run();
    handle?.done.then(
      () => this.#ended(entry, this.#lastReply?.inbox.version),
      () => this.#ended(entry),
    );
    if (!handle) this.#ended(entry);
    return handle;
  }

  #began(write) {
    this.#refs += 1;
    const entry = { ref: `${this.name}.${this.#refs}`, upTo: 0, until: null, stamp: null, ...write, version: null };
    this.#open.push(entry);
    return entry;
  }

  /** Decided: part of the counters from `version` on, or never when that is undefined. */
  #ended(entry, version) {
    if (version === undefined) this.#open = this.#open.filter((one) => one !== entry);
    else entry.version = version;
    this.#forget();
  }

  /** Drops what every list contains by now. */
  #forget() {
    const oldest = Math.min(...VIEWS.map((view) => this.#stores[view].getSnapshot().inbox.version));
    this.#open = this.#open.filter(({ version }) => version === null || version > oldest);
  }

  #show(view) {
    const { inbox } = this.#stores[view].getSnapshot();
    if (inbox.version < 0) return;
    const open = this.#open.filter(({ version }) => version === null || version > inbox.version);
    const { version, unread } = inbox;
    this.record({ device: this.name, list: `${view} ${this.#lives}`, version, unread, open: open.map((one) => ({ ...one })) });
    this.#forget();
  }

  /** Notes the server's last answer, which belongs to the write that settles next. */
  #listen(client) {
    const { write } = client;
    client.write = async (...call) => {
      const reply = await write.apply(client, call);
      this.#lastReply = reply;
      return reply;
    };
  }
}
