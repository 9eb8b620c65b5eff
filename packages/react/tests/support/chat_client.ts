import {
  ClientError,
  type Conversation,
  type Entry,
  type EventFrame,
  type Follow,
  type FollowHandlers,
  type Member,
  type Message,
  type Mine,
  type Person,
  type PersonPresence,
} from "@carillon/client";
import { FakeClient } from "./fake_client";
import { ALICE, AWA, BRUNO, MAX } from "./talks";

const EPOCH = "0123456789abcdef.0";

type Data = Record<string, unknown>;

export interface Talk {
  conversation: Conversation;
  members: Member[];
  mine: Mine;
  messages: Message[];
}

/** A client whose server is a few conversations in memory: writes change them and come back as events, as on the wire. */
export class ChatClient extends FakeClient {
  readonly talks = new Map<number, Talk>();
  readonly directory: Person[] = [AWA, MAX, BRUNO];
  readonly commands: { name: string; data: Data }[] = [];
  readonly said: { name: string; data: Data }[] = [];
  readonly asked: string[] = [];
  presences: PersonPresence[] = [];
  /** Answers requests whose path contains the key with this, while set. */
  readonly broken = new Map<string, ClientError>();
  /** Requests whose path contains this never end. */
  stuck: string | null = null;
  readonly #followers = new Map<string, Set<FollowHandlers>>();
  readonly #offsets = new Map<string, number>();
  readonly #listeners = new Map<string, Set<(event: EventFrame) => void>>();

  constructor(talks: readonly Talk[] = []) {
    super();
    for (const talk of talks) this.talks.set(talk.conversation.id, talk);
    const get = this.rest.get;
    this.rest.get = (<Answer>(path: string, options: { query?: Data } = {}) =>
      path.startsWith("/notifications/")
        ? get<Answer>(path, options)
        : this.#get(path, options.query ?? {})) as typeof get;
  }

  talk(id: number): Talk {
    const talk = this.talks.get(id);
    if (!talk) throw new Error(`no conversation ${id}`);
    return talk;
  }

  /** What was written under a name, in order. */
  written(name: string): Data[] {
    return this.said.filter((one) => one.name === name).map((one) => one.data);
  }

  /** Somebody says something, live. */
  say(id: number, sender: Person, content: string, part: Partial<Message> = {}): Message {
    const talk = this.talk(id);
    talk.conversation = { ...talk.conversation, last_seq: talk.conversation.last_seq + 1 };
    const message = messageOf(id, talk.conversation.last_seq, sender, content, part);
    talk.messages.push(message);
    this.publish(`conversation:${id}`, "message.sent", { message });
    this.touch(id, sender.id === ALICE.id ? { read_up_to: message.seq, unread: 0 } : { unread: talk.mine.unread + 1 });
    return message;
  }

  /** Somebody else has read up to a message. */
  reads(id: number, person: Person, upTo: number): void {
    const data = { conversation: id, person: person.id, up_to: upTo, at: new Date().toISOString() };
    this.publish(`conversation:${id}`, "conversation.read", data);
  }

  types(id: number, person: Person, isTyping = true): void {
    this.#tell({
      type: "typing.changed",
      topic: `conversation:${id}`,
      at: new Date().toISOString(),
      data: { conversation: id, person, is_typing: isTyping },
    });
  }

  touch(id: number, change: Partial<Mine>): void {
    const talk = this.talk(id);
    talk.mine = { ...talk.mine, ...change };
    this.publish("user:1", "conversation.touched", { entry: this.#entry(talk) });
  }

  publish(topic: string, type: string, data: Data): void {
    const offset = (this.#offsets.get(topic) ?? 1) + 1;
    this.#offsets.set(topic, offset);
    this.#tell({ type, topic, epoch: EPOCH, offset, at: new Date().toISOString(), data });
  }

  override async command<Answer>(name?: string, data: Data = {}): Promise<Answer> {
    this.commands.push({ name: name ?? "", data });
    return (name === "presence.watch" ? { people: this.presences } : {}) as Answer;
  }

  override async write<Answer>(name: string, data: Data, options: { clientId?: string } = {}): Promise<Answer> {
    this.said.push({ name, data });
    await this.hold;
    if (this.refusal) throw this.refusal;
    return this.#write(name, data, options.clientId ?? "") as Answer;
  }

  override follow(topic: string, handlers: FollowHandlers): Follow {
    const key = topic.startsWith("conversation:") ? topic : "user:1";
    const handling = this.#followers.get(key) ?? new Set();
    this.#followers.set(key, handling.add(handlers));
    return { position: this.#position(key), resume: () => undefined, stop: () => void handling.delete(handlers) };
  }

  override on(...args: unknown[]): () => void {
    const [type, listener] = args as [string, (event: EventFrame) => void];
    const all = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, all.add(listener));
    return () => void all.delete(listener);
  }

  #tell(event: EventFrame): void {
    for (const handlers of [...(this.#followers.get(event.topic) ?? [])]) handlers.onEvent(event);
    for (const listener of [...(this.#listeners.get(event.type) ?? [])]) listener(event);
  }

  #position(topic: string) {
    return { epoch: EPOCH, offset: this.#offsets.get(topic) ?? 1 };
  }

  async #get<Answer>(path: string, query: Data): Promise<Answer> {
    this.asked.push(path);
    if (this.stuck && path.includes(this.stuck)) await new Promise(() => undefined);
    for (const [part, error] of this.broken) if (path.includes(part)) throw error;
    return this.#answer(path, query) as Answer;
  }

  #answer(path: string, query: Data): unknown {
    const words = String(query["q"] ?? "").toLowerCase();
    if (path === "/people/") {
      return { results: this.directory.filter(({ name }) => name.toLowerCase().includes(words)), next: null };
    }
    if (path === "/people/blocked/") return { results: [] };
    if (path === "/conversations/") {
      const entries = [...this.talks.values()].map((talk) => this.#entry(talk));
      const results = entries
        .filter(({ conversation, people }) =>
          `${conversation.title} ${people.map(({ name }) => name)}`.toLowerCase().includes(words),
        )
        .sort((one, other) => other.activity - one.activity);
      return { results, next: null, position: this.#position("user:1") };
    }
    const [, id, rest] = /^\/conversations\/(\d+)\/(.*)$/.exec(path) ?? [];
    const talk = this.talks.get(Number(id));
    if (!talk) throw new ClientError("not_found", "There is no such conversation.", { status: 404 });
    const position = this.#position(`conversation:${id}`);
    if (rest === "messages/") return { ...this.#page(talk, query), position };
    return { conversation: talk.conversation, members: talk.members, mine: talk.mine, position };
  }

  #page({ messages }: Talk, query: Data) {
    const limit = Number(query["limit"] ?? 50);
    const [before, after, around] = ["before", "after", "around"].map((name) => Number(query[name] ?? Number.NaN)) as [
      number,
      number,
      number,
    ];
    let from = messages.length - limit;
    if (!Number.isNaN(before)) from = before - 1 - limit;
    if (!Number.isNaN(after)) from = after;
    if (!Number.isNaN(around)) from = around - 1 - Math.floor(limit / 2);
    const start = Math.max(0, from);
    const end = Number.isNaN(before) ? Math.min(messages.length, start + limit) : before - 1;
    return { results: messages.slice(start, end), has_before: start > 0, has_after: end < messages.length };
  }

  #entry({ conversation, members, mine, messages }: Talk): Entry {
    const others = members.map(({ person }) => person).filter(({ id }) => id !== ALICE.id);
    const last = messages.at(-1) ?? null;
    return {
      conversation,
      people: others.slice(0, conversation.kind === "direct" ? 1 : 3),
      last_message: last,
      mine,
      activity: Date.parse(last?.created_at ?? conversation.created_at) * 1000 + conversation.last_seq,
    };
  }

  #write(name: string, data: Data, clientId: string): unknown {
    const id = data["conversation"] as number;
    const topic = `conversation:${id}`;
    switch (name) {
      case "message.send": {
        const quoted = this.talk(id).messages.find((one) => one.id === data["reply_to"]);
        const reply = quoted && {
          id: quoted.id,
          seq: quoted.seq,
          sender: quoted.sender,
          content: quoted.content,
          is_deleted: false,
        };
        const message = this.say(id, ALICE, data["content"] as string, {
          client_id: clientId,
          reply_to: reply ?? null,
        });
        return { message, position: this.#position(topic) };
      }
      case "message.edit":
        return this.#change(id, data, "edited", {
          content: data["content"] as string,
          edited_at: new Date().toISOString(),
        });
      case "message.delete":
        return this.#change(id, data, "deleted", { content: "", deleted_at: new Date().toISOString() });
      case "message.react":
        return this.#change(id, data, "reacted", {
          reactions: data["on"] ? [{ emoji: data["emoji"] as string, count: 1, people: [ALICE.id] }] : [],
        });
      case "conversation.read":
        this.touch(id, { read_up_to: data["up_to"] as number, unread: 0, is_mentioned: false });
        return { mine: this.talk(id).mine, position: this.#position("user:1") };
      case "conversation.mute":
        this.touch(id, { muted_until: data["until"] as string | null });
        return { position: this.#position("user:1") };
      case "conversation.create": {
        const [first] = this.talks.values();
        return { ...(this.#answer(`/conversations/${first?.conversation.id}/`, {}) as Data) };
      }
      default:
        return { position: null };
    }
  }

  #change(id: number, data: Data, what: string, change: Partial<Message>): unknown {
    const { messages } = this.talk(id);
    const at = messages.findIndex((one) => one.id === data["message"]);
    const message = { ...(messages[at] as Message), ...change };
    messages[at] = message;
    this.publish(`conversation:${id}`, `message.${what}`, { message });
    return { message, position: this.#position(`conversation:${id}`) };
  }
}

/** A message as the server has it. */
export function messageOf(
  conversation: number,
  seq: number,
  sender: Person | null,
  content: string,
  part: Partial<Message> = {},
): Message {
  return {
    id: conversation * 1000 + seq,
    conversation,
    seq,
    client_id: `c-${conversation}-${seq}`,
    sender,
    kind: "text",
    content,
    mentions: [],
    reply_to: null,
    reactions: [],
    system: null,
    attachment: null,
    created_at: new Date().toISOString(),
    edited_at: null,
    deleted_at: null,
    ...part,
  };
}
