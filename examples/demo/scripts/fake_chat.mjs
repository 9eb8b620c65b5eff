/** The chat of the fake server: conversations in memory, changed by commands and told as events. */
import { directory, face, message, presences, talks } from "./talks.mjs";

const EPOCH = "0123456789abcdef.0";
const ME = "1";

export class FakeChat {
  /** `publish(topic, type, data, isEphemeral)` sends to every socket. */
  constructor({ language, chat = "usual", messages, longestPage = 0 }, publish) {
    this.longestPage = longestPage;
    this.talks = new Map(talks(language, { size: chat, messages }).map((talk) => [talk.conversation.id, talk]));
    this.offsets = new Map();
    this.send = publish;
  }

  position(topic) {
    return { epoch: EPOCH, offset: this.offsets.get(topic) ?? 1 };
  }

  publish(topic, type, data) {
    const offset = (this.offsets.get(topic) ?? 1) + 1;
    this.offsets.set(topic, offset);
    this.send({ type, topic, epoch: EPOCH, offset, data });
  }

  /** `[status, body]` of a request below `/api/v1`; null for what is not the chat's. */
  answer(method, path, query, body, userPosition) {
    if (path === "/conversations/" && method === "GET") return [200, { ...this.#list(query), position: userPosition }];
    if (path === "/conversations/" && method === "POST") return [201, this.#open(body)];
    if (path === "/people/") return [200, this.#people(query)];
    if (path === "/people/blocked/") return [200, { results: [] }];
    const [, id, rest = ""] = /^\/conversations\/(\d+)\/(.*)$/.exec(path) ?? [];
    if (id === undefined) return null;
    const talk = this.talks.get(Number(id));
    if (!talk) return [404, { code: "not_found", detail: "There is no such conversation." }];
    if (rest === "" && method === "GET") return [200, this.#detail(talk)];
    if (rest === "messages/" && method === "GET") return [200, this.#messages(talk, query)];
    return null;
  }

  /** The reply to a command; null for what is not the chat's. */
  command(type, data, clientId) {
    if (type === "presence.watch") return { people: presences() };
    if (["presence.set", "typing.set", "conversation.look"].includes(type)) return {};
    if (type === "conversation.create") return this.#open(data);
    const talk = this.talks.get(data.conversation);
    const act = {
      "message.send": () => this.say(talk, "alice", data.content, clientId, data.reply_to),
      "message.edit": () => this.#change(talk, data, "edited", { content: data.content, edited_at: now() }),
      "message.delete": () => this.#change(talk, data, "deleted", { content: "", deleted_at: now(), reactions: [] }),
      "message.react": () => this.#react(talk, data),
      "conversation.read": () => this.#read(talk, data.up_to),
      "conversation.mute": () => this.#mine(talk, { muted_until: data.until }),
      "conversation.update": () => this.#update(talk, data),
    }[type];
    return talk && act ? act() : null;
  }

  /** Somebody says something. */
  say(talk, who, content, clientId, replyTo = null) {
    const { conversation, messages } = talk;
    conversation.last_seq += 1;
    const said = message(conversation.id, conversation.last_seq, 0, who, content, Date.now(), {
      ...(clientId && { client_id: clientId }),
    });
    const quoted = messages.find((one) => one.id === replyTo);
    if (quoted) {
      const { id, seq, sender, content: words } = quoted;
      said.reply_to = { id, seq, sender, content: words, is_deleted: false };
    }
    messages.push(said);
    this.publish(`conversation:${conversation.id}`, "message.sent", { message: said });
    if (who === "alice") this.#read(talk, said.seq);
    else this.#mine(talk, { unread: talk.mine.unread + 1 });
    return { message: said, position: this.position(`conversation:${conversation.id}`) };
  }

  /** Somebody begins or ends typing. */
  types(id, who, isTyping = true) {
    const data = { conversation: id, person: face(who), is_typing: isTyping };
    this.send({ type: "typing.changed", topic: `conversation:${id}`, data });
  }

  #entry(talk) {
    const { conversation, members, mine, messages } = talk;
    const others = members.map(({ person }) => person).filter((person) => person.id !== ME);
    const last = messages.at(-1) ?? null;
    return {
      conversation,
      people: others.slice(0, conversation.kind === "direct" ? 1 : 3),
      last_message: last,
      mine,
      activity: Date.parse(last?.created_at ?? conversation.created_at) * 1000,
    };
  }

  #detail(talk) {
    const { conversation, members, mine } = talk;
    return { conversation, members, mine, position: this.position(`conversation:${conversation.id}`) };
  }

  #list(query) {
    const words = query.get("q")?.toLowerCase() ?? "";
    const from = Number(query.get("cursor") ?? 0);
    const limit = Number(query.get("limit") ?? 30);
    const all = [...this.talks.values()]
      .map((talk) => this.#entry(talk))
      .filter(({ conversation, people }) =>
        `${conversation.title} ${people.map((one) => one.name)}`.toLowerCase().includes(words),
      )
      .sort((one, other) => other.activity - one.activity);
    const next = all.length > from + limit ? String(from + limit) : null;
    const isStart = from === 0 && words === "";
    const unread = all.flatMap(({ conversation, mine }) =>
      mine.unread > 0 && (!mine.muted_until || mine.is_mentioned)
        ? [{ conversation: conversation.id, unread: mine.unread }]
        : [],
    );
    return { results: all.slice(from, from + limit), next, unread: isStart ? unread : null };
  }

  #messages({ messages, conversation }, query) {
    const limit = this.longestPage > 100 ? this.longestPage : Number(query.get("limit") ?? 50);
    const count = messages.length;
    const [before, after, around] = ["before", "after", "around"].map((name) => Number(query.get(name) ?? Number.NaN));
    let from = count - limit;
    if (!Number.isNaN(before)) from = before - 1 - limit;
    if (!Number.isNaN(after)) from = after;
    if (!Number.isNaN(around)) from = around - 1 - Math.floor(limit / 2);
    const to = Math.min(count, Number.isNaN(before) ? Math.max(0, from) + limit : before - 1);
    const start = Math.max(0, from);
    return {
      results: messages.slice(start, to),
      has_before: start > 0,
      has_after: to < count,
      position: this.position(`conversation:${conversation.id}`),
    };
  }

  #people(query) {
    const words = query.get("q")?.toLowerCase() ?? "";
    return { results: directory().filter(({ name }) => name.toLowerCase().includes(words)), next: null };
  }

  #open({ kind, people }) {
    const known = [...this.talks.values()].find(
      ({ conversation, members }) =>
        kind === "direct" && conversation.kind === kind && members.some(({ person }) => person.id === people[0]),
    );
    return this.#detail(known ?? this.talks.values().next().value);
  }

  #change({ conversation, messages }, { message: id }, what, change) {
    const index = messages.findIndex((one) => one.id === id);
    messages[index] = { ...messages[index], ...change };
    const topic = `conversation:${conversation.id}`;
    this.publish(topic, `message.${what}`, { message: messages[index] });
    return { message: messages[index], position: this.position(topic) };
  }

  #react(talk, data) {
    const { reactions } = talk.messages.find((one) => one.id === data.message);
    const others = (people) => people.filter((id) => id !== ME);
    const changed = reactions.map((one) => (one.emoji === data.emoji ? { ...one, people: others(one.people) } : one));
    if (data.on) {
      const mine = changed.find(({ emoji }) => emoji === data.emoji);
      if (mine) mine.people.push(ME);
      else changed.push({ emoji: data.emoji, people: [ME] });
    }
    const counted = changed
      .filter(({ people }) => people.length > 0)
      .map((one) => ({ ...one, count: one.people.length }));
    return this.#change(talk, data, "reacted", { reactions: counted });
  }

  #read(talk, upTo) {
    const { conversation } = talk;
    const data = { conversation: conversation.id, person: ME, up_to: upTo, at: now() };
    this.publish(`conversation:${conversation.id}`, "conversation.read", data);
    const reply = this.#mine(talk, { read_up_to: upTo, unread: conversation.last_seq - upTo, is_mentioned: false });
    return { ...reply, mine: talk.mine };
  }

  #mine(talk, change) {
    talk.mine = { ...talk.mine, ...change };
    this.publish("user:1", "conversation.touched", { entry: this.#entry(talk) });
    return { position: this.position("user:1") };
  }

  #update(talk, { title }) {
    talk.conversation = { ...talk.conversation, title, version: talk.conversation.version + 1 };
    const topic = `conversation:${talk.conversation.id}`;
    this.publish(topic, "conversation.updated", { conversation: talk.conversation });
    this.#mine(talk, {});
    return { position: this.position(topic) };
  }
}

const now = () => new Date().toISOString();
