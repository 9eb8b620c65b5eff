/** The server's rules for conversations, in memory: rows, the event of each write, and snapshots for each person. */
import type {
  Conversation,
  ConversationDetail,
  Entry,
  EventData,
  EventFrame,
  EventType,
  Member,
  Message,
  Mine,
  Person,
  Position,
} from "../../src/protocol.js";
import { unreadOf } from "../../src/reducers/conversation.js";
import type { ConversationsPage } from "../../src/reducers/conversations.js";
import type { MessagesPage } from "../../src/reducers/messages.js";

export function person(id: string): Person {
  return { id, name: `Person ${id}`, role: "", avatar: "", username: `p${id}` };
}

interface Row {
  conversation: Conversation;
  members: Member[];
  messages: Message[];
  activity: number;
  /** By person. */
  hidden: Map<string, number>;
  muted: Map<string, string>;
  mentioned: Map<string, number>;
}

export class ModelChat {
  readonly rows = new Map<number, Row>();
  /** All events, by topic; offsets begin at 1. */
  readonly events = new Map<string, EventFrame[]>();
  #moment = 0;
  #lastMessage = 0;

  create(people: readonly string[], change: Partial<Conversation> = {}): number {
    const id = this.rows.size + 1;
    const at = this.#now();
    const conversation: Conversation = {
      id,
      kind: people.length === 2 ? "direct" : "group",
      title: people.length === 2 ? "" : `Group ${id}`,
      picture: "",
      about: "",
      created_at: at,
      last_seq: 0,
      member_count: people.length,
      version: 1,
      ...change,
    };
    const members = people.map((who, index): Member => {
      return {
        person: person(who),
        role: index === 0 ? "owner" : "member",
        joined_at: at,
        read_up_to: 0,
        read_at: null,
      };
    });
    const maps = { hidden: new Map(), muted: new Map(), mentioned: new Map() };
    this.rows.set(id, { conversation, members, messages: [], activity: this.#moment, ...maps });
    this.#touch(id);
    return id;
  }

  send(id: number, who: string, content = "", change: Partial<Message> = {}): EventFrame {
    const row = this.row(id);
    const at = this.#now();
    this.#lastMessage += 1;
    const seq = row.conversation.last_seq + 1;
    const message: Message = {
      id: this.#lastMessage,
      conversation: id,
      seq,
      client_id: "",
      sender: person(who),
      kind: "text",
      content: content || `Message ${seq}`,
      mentions: [],
      reply_to: null,
      reactions: [],
      system: null,
      attachment: null,
      created_at: at,
      edited_at: null,
      deleted_at: null,
      ...change,
    };
    row.messages.push(message);
    row.conversation = { ...row.conversation, last_seq: seq, version: row.conversation.version + 1 };
    row.activity = this.#moment;
    for (const { person: mentioned } of message.mentions) row.mentioned.set(mentioned, seq);
    this.#mark(row, who, seq, at);
    const event = this.#tell(`conversation:${id}`, "message.sent", { message });
    this.#touch(id);
    return event;
  }

  reply(id: number, who: string, to: Message, content = ""): EventFrame {
    const { sender, seq } = to;
    const isDeleted = to.deleted_at !== null;
    const quote = { id: to.id, seq, sender, content: to.content.slice(0, 200), is_deleted: isDeleted };
    return this.send(id, who, content, { reply_to: quote });
  }

  edit(id: number, message: number, content: string): EventFrame {
    return this.#change(id, message, "message.edited", () => ({ content, edited_at: this.#now() }));
  }

  delete(id: number, message: number): EventFrame {
    const row = this.row(id);
    row.messages = row.messages.map((one) =>
      one.reply_to?.id === message ? { ...one, reply_to: { ...one.reply_to, content: "", is_deleted: true } } : one,
    );
    const nothing = { content: "", mentions: [], reply_to: null, reactions: [], edited_at: null };
    return this.#change(id, message, "message.deleted", () => ({ ...nothing, deleted_at: this.#now() }));
  }

  react(id: number, message: number, who: string, emoji: string, on: boolean): EventFrame {
    return this.#change(id, message, "message.reacted", ({ reactions }) => {
      const others = reactions.find((one) => one.emoji === emoji)?.people.filter((one) => one !== who) ?? [];
      const people = on ? [...others, who] : others;
      const rest = reactions.filter((one) => one.emoji !== emoji);
      return { reactions: people.length > 0 ? [...rest, { emoji, count: people.length, people }] : rest };
    });
  }

  read(id: number, who: string, upTo: number): EventFrame | null {
    const row = this.row(id);
    const member = row.members.find((one) => one.person.id === who);
    if (member === undefined || upTo <= member.read_up_to) return null;
    const at = this.#now();
    this.#mark(row, who, upTo, at);
    const message = row.messages.find(({ seq }) => seq === upTo)?.id ?? null;
    const data = { conversation: id, person: who, up_to: upTo, message, at, face: person(who) };
    const event = this.#tell(`conversation:${id}`, "conversation.read", data);
    this.#touch(id, [who]);
    return event;
  }

  rename(id: number, title: string): EventFrame {
    const row = this.row(id);
    row.conversation = { ...row.conversation, title, version: row.conversation.version + 1 };
    const event = this.#tell(`conversation:${id}`, "conversation.updated", { conversation: row.conversation });
    this.#touch(id);
    return event;
  }

  join(id: number, who: string): EventFrame {
    const row = this.row(id);
    const at = this.#now();
    const upTo = row.conversation.last_seq;
    const member: Member = { person: person(who), role: "member", joined_at: at, read_up_to: upTo, read_at: null };
    row.members = [...row.members.filter((one) => one.person.id !== who), member];
    row.hidden.set(who, upTo);
    this.#counted(row);
    const event = this.#tell(`conversation:${id}`, "member.joined", {
      members: [member],
      conversation: row.conversation,
    });
    this.#touch(id);
    return event;
  }

  leave(id: number, who: string): EventFrame {
    const row = this.row(id);
    row.members = row.members.filter((one) => one.person.id !== who);
    this.#counted(row);
    const event = this.#tell(`conversation:${id}`, "member.left", { people: [who], conversation: row.conversation });
    this.#tell(`user:${who}`, "conversation.gone", { conversation: id });
    this.#touch(id);
    return event;
  }

  setRole(id: number, who: string, role: Member["role"]): EventFrame {
    const row = this.row(id);
    row.members = row.members.map((one) => (one.person.id === who ? { ...one, role } : one));
    const member = row.members.find((one) => one.person.id === who) as Member;
    const event = this.#tell(`conversation:${id}`, "member.changed", { member });
    this.#touch(id, [who]);
    return event;
  }

  mute(id: number, who: string, until: string | null): void {
    if (until === null) this.row(id).muted.delete(who);
    else this.row(id).muted.set(who, until);
    this.#touch(id, [who]);
  }

  row(id: number): Row {
    const row = this.rows.get(id);
    if (row === undefined) throw new Error(`There is no conversation ${id}.`);
    return row;
  }

  position(topic: string): Position {
    return { epoch: "e1", offset: this.events.get(topic)?.length ?? 0 };
  }

  mine(id: number, who: string): Mine {
    const row = this.row(id);
    const member = row.members.find((one) => one.person.id === who) as Member;
    const marks = { read_up_to: member.read_up_to, visible_from: row.hidden.get(who) ?? 0 };
    const mentioned = Math.max(row.mentioned.get(who) ?? 0, row.mentioned.get("*") ?? 0);
    return {
      ...marks,
      role: member.role,
      unread: unreadOf(row.conversation.last_seq, marks),
      is_mentioned: mentioned > member.read_up_to,
      muted_until: row.muted.get(who) ?? null,
      blocks: false,
    };
  }

  detail(id: number, who: string): ConversationDetail {
    const { conversation, members } = this.row(id);
    return { conversation, members, mine: this.mine(id, who), position: this.position(`conversation:${id}`) };
  }

  entry(id: number, who: string): Entry {
    const { conversation, members, messages, activity } = this.row(id);
    const people = members.filter((one) => one.person.id !== who).slice(0, 3);
    const last = messages.at(-1) ?? null;
    return {
      conversation,
      people: people.map((one) => one.person),
      last_message: last,
      mine: this.mine(id, who),
      activity,
    };
  }

  list(who: string, limit = 30, cursor: string | null = null): ConversationsPage {
    const ids = [...this.rows.keys()].filter((id) => this.row(id).members.some((one) => one.person.id === who));
    const all = ids.map((id) => this.entry(id, who)).sort((a, b) => b.activity - a.activity);
    const below = cursor === null ? all : all.filter(({ activity }) => activity < Number(cursor));
    const results = below.slice(0, limit);
    const next = below.length > limit ? String(results.at(-1)?.activity) : null;
    const unread = all.flatMap(({ conversation, mine }) => {
      const rings = mine.unread > 0 && (mine.muted_until === null || mine.is_mentioned);
      return rings ? [{ conversation: conversation.id, unread: mine.unread }] : [];
    });
    return { results, next, position: this.position(`user:${who}`), unread: cursor === null ? unread : null };
  }

  messages(id: number, who: string, query: URLSearchParams): MessagesPage {
    const hidden = this.row(id).hidden.get(who) ?? 0;
    const all = this.row(id).messages.filter(({ seq }) => seq > hidden);
    const results = slice(all, query);
    const [first, last] = [results[0]?.seq, results.at(-1)?.seq];
    const edge = Number(query.get("before") ?? query.get("after") ?? 0);
    return {
      results,
      has_before: all.some(({ seq }) => seq < (first ?? edge + 1)),
      has_after: all.some(({ seq }) => seq > (last ?? edge - 1)) && results.length > 0,
      position: this.position(`conversation:${id}`),
    };
  }

  #change(
    id: number,
    message: number,
    type: "message.edited" | "message.deleted" | "message.reacted",
    change: (message: Message) => Partial<Message>,
  ): EventFrame {
    const row = this.row(id);
    row.messages = row.messages.map((one) => (one.id === message ? { ...one, ...change(one) } : one));
    const changed = row.messages.find((one) => one.id === message) as Message;
    const event = this.#tell(`conversation:${id}`, type, { message: changed });
    this.#touch(id);
    return event;
  }

  #mark(row: Row, who: string, upTo: number, at: string): void {
    row.members = row.members.map((one) =>
      one.person.id === who && one.read_up_to < upTo ? { ...one, read_up_to: upTo, read_at: at } : one,
    );
  }

  #counted(row: Row): void {
    const { conversation, members } = row;
    row.conversation = { ...conversation, member_count: members.length, version: conversation.version + 1 };
  }

  #touch(id: number, people: readonly string[] = this.row(id).members.map((one) => one.person.id)): void {
    for (const who of people) this.#tell(`user:${who}`, "conversation.touched", { entry: this.entry(id, who) });
  }

  #tell<Type extends EventType>(topic: string, type: Type, data: EventData[Type]): EventFrame {
    const events = this.events.get(topic) ?? [];
    this.events.set(topic, events);
    const event = { type, topic, epoch: "e1", offset: events.length + 1, at: this.#now(), data };
    events.push(event);
    return event;
  }

  #now(): string {
    this.#moment += 1;
    return new Date(Date.UTC(2026, 10, 21, 10, 0, 0, this.#moment)).toISOString();
  }
}

function slice(all: readonly Message[], query: URLSearchParams): Message[] {
  const limit = Number(query.get("limit") ?? 50);
  const seqOf = (name: string) => Number(query.get(name));
  if (query.has("before")) return all.filter(({ seq }) => seq < seqOf("before")).slice(-limit);
  if (query.has("after")) return all.filter(({ seq }) => seq > seqOf("after")).slice(0, limit);
  if (!query.has("around")) return all.slice(-limit);
  const index = all.findIndex(({ seq }) => seq >= seqOf("around"));
  const start = Math.max(0, Math.min(index - Math.floor(limit / 2), all.length - limit));
  return all.slice(start, start + limit);
}
