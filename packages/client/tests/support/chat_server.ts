/** A fake server that keeps conversations for Alice (1): pages over REST, events over the last socket, commands. */
import type { EventFrame, Message } from "../../src/protocol.js";
import { ModelChat } from "./chat_model.js";
import { type FakeRequest, FakeServer, problem, type SentFrame, settle } from "./fake_server.js";

type Data = Record<string, unknown>;
type Refusal = { code: string; status: number };

export const ME = "1";

export class ChatServer extends FakeServer {
  readonly model = new ModelChat();
  /** Writes done, by idempotency key. */
  readonly done = new Map<string, Data>();
  /** Refuses commands of these names, over both ways. */
  readonly refusals = new Map<string, Refusal>();
  /** Commands of these names are done, but the answer is lost. */
  readonly silent = new Set<string>();
  readonly #subscribed = new Set<string>();
  readonly #told = new Map<string, number>();

  constructor() {
    super();
    this.on("GET /conversations/", ({ query }) => ({
      body: this.model.list(ME, Number(query.get("limit")), query.get("cursor")),
    }));
    this.answers.subscribe = ({ data }) => this.#subscribe(data);
    this.answers.unsubscribe = ({ data }) => {
      this.#subscribed.delete(String(data.topic));
      return {};
    };
    for (const name of WRITES) this.answers[name] = (frame) => this.#command(name, frame);
    for (const name of ["conversation.look", "typing.set", "presence.set"]) this.answers[name] = () => ({});
    this.answers["presence.watch"] = () => ({ people: [] });
  }

  /** A conversation with Alice and others, and messages of the first of those. */
  open(others: readonly string[], messages = 0): number {
    const id = this.model.create([ME, ...others]);
    const path = `/conversations/${id}/`;
    this.on(`GET ${path}`, () => this.#shown(id, () => this.model.detail(id, ME)));
    this.on(`GET ${path}messages/`, ({ query }) => this.#shown(id, () => this.model.messages(id, ME, query)));
    this.on(`POST ${path}messages/`, (request) => this.#rest("message.send", { conversation: id }, request));
    this.on(`POST ${path}read/`, (request) => this.#rest("conversation.read", { conversation: id }, request));
    this.on(`POST ${path}mute/`, (request) => this.#rest("conversation.mute", { conversation: id }, request));
    for (let count = 0; count < messages; count += 1) this.model.send(id, others[0] ?? ME);
    return id;
  }

  /** Greets the last socket. */
  async greets(): Promise<void> {
    this.#subscribed.clear();
    this.#told.set(`user:${ME}`, this.model.position(`user:${ME}`).offset);
    this.last.greets({ position: this.model.position(`user:${ME}`) });
    await settle();
  }

  /** Hands the open socket what it follows and has not heard. */
  async deliver(): Promise<void> {
    for (const topic of [`user:${ME}`, ...this.#subscribed]) this.#tell(topic);
    await settle();
  }

  /** Something ephemeral on a topic. */
  say(topic: string, type: string, data: Data): void {
    this.last.push({ type, topic, at: "2026-11-21T10:00:00.000Z", data });
  }

  #shown(id: number, body: () => unknown) {
    const isMember = this.model.row(id).members.some(({ person }) => person.id === ME);
    return isMember ? { body: body() } : problem(404, "not_found");
  }

  #subscribe({ topic, position }: Data): Data {
    const name = String(topic);
    this.#subscribed.add(name);
    const from = (position as { offset: number } | undefined)?.offset ?? this.model.position(name).offset;
    this.#told.set(name, from);
    void settle().then(() => this.#tell(name));
    return { topic, position: { epoch: "e1", offset: from } };
  }

  #tell(topic: string): void {
    const events = this.model.events.get(topic) ?? [];
    const from = this.#told.get(topic) ?? 0;
    this.#told.set(topic, events.length);
    for (const event of events.slice(from)) this.last.push(event);
  }

  #command(name: string, { data, ref, client_id = "" }: SentFrame): Data | null {
    const refusal = this.refusals.get(name);
    if (refusal !== undefined) {
      const error = { error: `Text of ${refusal.code}.`, code: refusal.code, fatal: false };
      queueMicrotask(() => this.last.push({ type: "error", ref, data: error }));
      return null;
    }
    const reply = this.#once(name, data, client_id);
    return this.silent.has(name) ? null : reply;
  }

  #rest(name: string, named: Data, { body, headers }: FakeRequest) {
    const refusal = this.refusals.get(name);
    if (refusal !== undefined) return problem(refusal.status, refusal.code);
    return { body: this.#once(name, { ...body, ...named }, headers["Idempotency-Key"] ?? "") };
  }

  #once(name: string, data: Data, key: string): Data {
    const known = this.done.get(key);
    if (known !== undefined) return known;
    const reply = this.#act(name, data, key);
    this.done.set(key, reply);
    return reply;
  }

  #act(name: string, data: Data, key: string): Data {
    const { model } = this;
    const id = Number(data.conversation ?? 0);
    const message = Number(data.message ?? 0);
    switch (name) {
      case "message.send":
        return written(model.send(id, ME, String(data.content), { client_id: key }));
      case "message.edit":
        return written(model.edit(id, message, String(data.content)));
      case "message.delete":
        return written(model.delete(id, message));
      case "message.react":
        return written(model.react(id, message, ME, String(data.emoji), data.on === true));
      case "conversation.read":
        return { position: positionOf(model.read(id, ME, Number(data.up_to))), mine: model.mine(id, ME) };
      case "conversation.mute":
        model.mute(id, ME, data.until as string | null);
        return { position: null };
      case "conversation.update":
        return { position: positionOf(model.rename(id, String(data.title))) };
      case "conversation.leave":
        return { position: positionOf(model.leave(id, ME)) };
      case "conversation.create":
        return { ...model.detail(this.open(data.people as string[]), ME) };
      default:
        return { position: null };
    }
  }
}

function written(event: EventFrame): Data {
  return { message: (event.data as { message: Message }).message, position: positionOf(event) };
}

function positionOf(event: EventFrame | null) {
  return event === null ? null : { epoch: event.epoch, offset: event.offset };
}

const WRITES = [
  "message.send",
  "message.edit",
  "message.delete",
  "message.react",
  "conversation.create",
  "conversation.update",
  "conversation.read",
  "conversation.mute",
  "conversation.leave",
  "member.add",
  "member.remove",
  "member.set_role",
  "person.block",
  "person.unblock",
];
