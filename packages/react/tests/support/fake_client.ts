import {
  type CarillonClient,
  ClientError,
  type ConnectionState,
  type EventFrame,
  type Follow,
  type FollowHandlers,
  type Inbox,
  type Notification,
  type Reply,
  type SessionState,
  Store,
} from "@carillon/client";

const EPOCH = "0123456789abcdef.0";
const CHANGES: Record<string, Partial<Notification>> = {
  read: { is_read: true, is_seen: true },
  unread: { is_read: false, read_at: null },
  archive: { is_archived: true, is_read: true, is_seen: true },
  unarchive: { is_archived: false },
  unsnooze: { snoozed_until: null },
};
const OPEN: ConnectionState = {
  status: "open",
  since: 0,
  downSince: null,
  attempt: 0,
  retryAt: null,
  reason: null,
  mayRetry: false,
};
const ALICE: SessionState = {
  status: "signed-in",
  person: { id: "1", name: "Alice Fontaine", role: "", avatar: "", username: "alice" },
  language: null,
  timeZone: null,
  reason: null,
};

type Data = Record<string, unknown>;

/** A client whose server is a list in memory: writes change it and come back as events, as on the wire. */
export class FakeClient implements CarillonClient {
  readonly writes: { name: string; data: Data }[] = [];
  readonly requests: string[] = [];
  readonly calls = { start: 0, stop: 0, retry: 0, destroy: 0 };
  /** Refuses writes with this, while set. */
  refusal: ClientError | null = null;
  /** What a press comes to, when not to the button that was pressed. */
  pressed: Data | null = null;
  /** Writes wait for this, when set. */
  hold: Promise<void> | null = null;
  /** Answers lists with this, while set. */
  failure: ClientError | null = null;
  /** Lists wait for this, when set. */
  gate: Promise<void> | null = null;

  readonly serverUrl = "https://example.test/api/v1";
  readonly connection = {
    state: new Store<ConnectionState>(OPEN),
    start: () => this.#count("start"),
    stop: () => this.#count("stop"),
    retry: () => this.#count("retry"),
  };
  readonly session = {
    state: new Store<SessionState>(ALICE),
    signIn: () => Promise.reject(new Error("not here")),
    signOut: () => Promise.resolve(),
    restore: () => Promise.resolve(ALICE),
    updateProfile: () => Promise.resolve(),
  };
  readonly rest = {
    get: <Answer>(path: string, options: { query?: Data } = {}) =>
      this.#list(path, options.query ?? {}) as Promise<Answer>,
    post: () => Promise.reject(new Error("not here")),
    put: () => Promise.reject(new Error("not here")),
    patch: () => Promise.reject(new Error("not here")),
    delete: () => Promise.reject(new Error("not here")),
  };
  readonly clock = {
    now: () => Date.now(),
    random: () => 0.5,
    setTimeout: (work: () => void, delay: number) => setTimeout(work, delay),
    clearTimeout: (timer: unknown) => clearTimeout(timer as ReturnType<typeof setTimeout>),
  };
  language: string | null = null;
  #items: Notification[];
  #offset = 1;
  #version = 1;
  readonly #followers = new Set<FollowHandlers>();

  constructor(items: readonly Notification[] = []) {
    this.#items = [...items];
  }

  get inbox(): Inbox {
    const here = this.#items.filter((item) => !item.is_archived && !item.snoozed_until);
    return {
      unread: here.filter((item) => !item.is_read).length,
      unseen: here.filter((item) => !item.is_seen).length,
      version: this.#version,
      last_number: Math.max(0, ...this.#items.map((item) => item.number)),
    };
  }

  /** A notification comes, live. */
  arrive(item: Notification): void {
    this.#items.unshift(item);
    this.#publish("notification.created", { notification: item });
  }

  /** A button is pressed, here or elsewhere. */
  settle(id: string, pressed: Data): void {
    const change = { is_read: true, is_seen: true };
    this.#items = this.#items.map((item) =>
      item.id === id ? { ...item, ...change, data: { ...item.data, pressed } } : item,
    );
    this.#publish("notification.updated", { notifications: this.#items.filter((item) => item.id === id) });
  }

  named(name: string): Data[] {
    return this.writes.filter((write) => write.name === `notification.${name}`).map((write) => write.data);
  }

  command<Answer>(): Promise<Answer> {
    return Promise.reject(new ClientError("not_open", "not here"));
  }

  async write<Answer = Reply>(name: string, data: Data): Promise<Answer> {
    this.writes.push({ name, data });
    await this.hold;
    if (this.refusal) throw this.refusal;
    this.#apply(name.slice("notification.".length), data);
    return { inbox: this.inbox, position: this.#position, stamp: "stamp" } as Answer;
  }

  follow(_topic: string, handlers: FollowHandlers): Follow {
    this.#followers.add(handlers);
    const position = this.#position;
    return { position, resume: () => undefined, stop: () => void this.#followers.delete(handlers) };
  }

  on(): () => void {
    return () => undefined;
  }

  destroy(): void {
    this.#count("destroy");
  }

  #count(call: keyof FakeClient["calls"]): void {
    this.calls[call] += 1;
  }

  get #position() {
    return { epoch: EPOCH, offset: this.#offset };
  }

  async #list(path: string, query: Data): Promise<unknown> {
    this.requests.push(`${path}?${JSON.stringify(query)}`);
    if (this.gate) await this.gate;
    if (this.failure) throw this.failure;
    const after = Number(query["cursor"] ?? Number.MAX_SAFE_INTEGER);
    const words = String(query["q"] ?? "").toLowerCase();
    const all = this.#items.filter((item) => {
      const view = item.is_archived ? "archive" : item.snoozed_until ? "snoozed" : "inbox";
      const isWanted = view === query["view"] && item.number < after && !(query["unread"] && item.is_read);
      return isWanted && item.title.toLowerCase().includes(words);
    });
    const results = all.slice(0, Number(query["limit"]));
    const next = all.length > results.length ? String(results.at(-1)?.number) : null;
    return { results, next, inbox: this.inbox, position: this.#position };
  }

  #apply(action: string, data: Data): void {
    const ids = (data["ids"] ?? []) as string[];
    const upTo = (data["up_to"] ?? 0) as number;
    if (action === "seen") {
      this.#items = this.#items.map((item) => (item.number <= upTo ? { ...item, is_seen: true } : item));
      this.#publish("notification.all_seen", { up_to: upTo });
    } else if (action === "read_all") {
      const at = "2026-11-21T10:00:00Z";
      const read = { is_read: true, is_seen: true, read_at: at };
      this.#items = this.#items.map((item) => (item.number <= upTo && !item.is_read ? { ...item, ...read } : item));
      this.#publish("notification.all_read", { up_to: upTo, read_at: at });
    } else if (action === "restore_unread") {
      this.#items = this.#items.map((item) => ({ ...item, is_read: false, read_at: null }));
      this.#publish("notification.read_restored", { up_to: this.inbox.last_number, read_at: "2026-11-21T10:00:00Z" });
    } else if (action === "press") {
      const pressed = this.pressed ?? { name: data["action"], label: "", text: "", at: "2026-11-21T10:00:00Z" };
      this.settle(data["id"] as string, pressed);
    } else if (action === "delete") {
      this.#items = this.#items.filter((item) => !ids.includes(item.id));
      this.#publish("notification.deleted", { ids });
    } else {
      const change = action === "snooze" ? { snoozed_until: data["until"] as string } : CHANGES[action];
      this.#items = this.#items.map((item) => (ids.includes(item.id) ? { ...item, ...change } : item));
      this.#publish("notification.updated", { notifications: this.#items.filter((item) => ids.includes(item.id)) });
    }
  }

  #publish(type: string, data: Data): void {
    this.#offset += 1;
    this.#version += 1;
    const body = { ...data, inbox: this.inbox };
    const at = new Date().toISOString();
    const event: EventFrame = { type, topic: "user:1", epoch: EPOCH, offset: this.#offset, at, data: body };
    for (const handlers of [...this.#followers]) handlers.onEvent(event);
  }
}
