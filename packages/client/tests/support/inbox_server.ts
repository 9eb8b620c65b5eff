/** A fake server that keeps one inbox: its pages over REST, its events over the last socket, its actions as commands. */
import type { EventFrame } from "../../src/protocol.js";
import type { NotificationsView } from "../../src/stores/contract.js";
import { type FakeRequest, FakeServer, type SentFrame } from "./fake_server.js";
import { notification } from "./fixtures.js";
import { ModelInbox } from "./model.js";

type Data = Record<string, unknown>;

export class InboxServer extends FakeServer {
  readonly model = new ModelInbox();
  /** Writes done, by idempotency key. */
  readonly done = new Map<string, Data>();

  constructor() {
    super();
    this.on("GET /notifications/", ({ query }) => ({ body: this.page(query) }));
    this.on("POST /notifications/batch/", (request) => this.#rest(String(request.body?.action), request));
    for (const number of [1, 2, 3, 4, 5]) {
      const id = notification(number).id;
      this.on(`POST /notifications/${id}/snooze/`, (request) => {
        return this.#rest("snooze", { ...request, body: { ids: [id], ...request.body } });
      });
    }
    for (const name of ["seen", "read-all", "restore-unread", "clear-read"]) {
      this.on(`POST /notifications/${name}/`, (request) => this.#rest(name.replace("-", "_"), request));
    }
    for (const action of ACTIONS) {
      this.answers[`notification.${action}`] = (frame) => this.#command(action, frame);
    }
  }

  page(query: URLSearchParams) {
    const view = (query.get("view") ?? "inbox") as NotificationsView;
    const filters = query.get("unread") === "true" ? { unread: true } : {};
    return this.model.page(view, filters, Number(query.get("limit") ?? 30), query.get("cursor"));
  }

  /** Does something and tells the open socket, as another tab's write would. */
  tell(event: EventFrame): void {
    this.last.push(event);
  }

  #command(action: string, { data, client_id = "" }: SentFrame): Data {
    return this.#once(action, data, client_id, (event) => this.tell(event));
  }

  #rest(action: string, { body, headers }: FakeRequest) {
    return { body: this.#once(action, body ?? {}, headers["Idempotency-Key"] ?? "", () => undefined) };
  }

  #once(action: string, data: Data, key: string, tell: (event: EventFrame) => void): Data {
    const known = this.done.get(key);
    if (known !== undefined) return known;
    const event = this.#act(action, data);
    tell(event);
    const reply = { inbox: this.model.inbox, position: this.model.position, stamp: JSON.stringify(event.data) };
    this.done.set(key, reply);
    return reply;
  }

  #act(action: string, data: Data): EventFrame {
    const ids = (data.ids ?? []) as string[];
    const upTo = Number(data.up_to ?? this.model.lastNumber);
    const { model } = this;
    switch (action) {
      case "read":
        return model.read(ids);
      case "unread":
        return model.unread(ids);
      case "archive":
        return model.archive(ids);
      case "unarchive":
        return model.unarchive(ids);
      case "snooze":
        return model.snooze(ids);
      case "unsnooze":
        return model.change(ids, () => ({ snoozed_until: null }));
      case "delete":
        return model.delete(ids);
      case "seen":
        return model.seen(upTo);
      case "read_all":
        return model.readAll(upTo);
      case "restore_unread": {
        const { up_to, read_at } = JSON.parse(String(data.stamp)) as { up_to: number; read_at: string };
        return model.restore(up_to, read_at);
      }
      default:
        return model.clear(upTo);
    }
  }
}

const ACTIONS = [
  "read",
  "unread",
  "archive",
  "unarchive",
  "snooze",
  "unsnooze",
  "delete",
  "seen",
  "read_all",
  "restore_unread",
  "clear_read",
];
