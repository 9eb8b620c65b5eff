/** One shared conversation: who is in it, how far each has read, who is typing. */
import type { CarillonClient } from "../api.js";
import type { ConversationDetail, KnownEvent, Member, Message } from "../protocol.js";
import { type ConversationState, fromSnapshot, own, readersOf, reduce } from "../reducers/conversation.js";
import { type ConversationWrite, overlayDetail } from "../reducers/conversation_writes.js";
import type { WriteHandle } from "./contract.js";
import { ConversationActions } from "./conversation_actions.js";
import { type ConversationWrites, conversationWrites } from "./conversation_writes.js";
import { isoOf } from "./conversations.js";
import type { ConversationSnapshot, ConversationStore, MemberRole } from "./conversations_contract.js";
import { NO_CONVERSATION } from "./empty.js";
import { LiveFeed } from "./live.js";
import { type Looking, looking } from "./looking.js";
import { type ReadMarks, readMarks } from "./read_marks.js";
import { LingeringStore, PerClient } from "./shared.js";
import { Typing } from "./typing.js";

const shared = new PerClient<number, SharedConversation>((client, id) => new SharedConversation(client, id));

/** The store of one conversation: asked twice, the same one is returned. */
export function createConversationStore(client: CarillonClient, id: number): ConversationStore {
  return shared.of(client, id);
}

class SharedConversation extends LingeringStore<ConversationSnapshot> implements ConversationStore {
  readonly id: number;
  readonly #feed: LiveFeed<ConversationState>;
  readonly #writes: ConversationWrites;
  readonly #marks: ReadMarks;
  readonly #looking: Looking;
  readonly #typing: Typing;
  readonly #actions: ConversationActions;
  #ends: (() => void)[] = [];

  constructor(client: CarillonClient, id: number) {
    super(client, NO_CONVERSATION);
    this.id = id;
    this.#writes = conversationWrites(client);
    this.#marks = readMarks(client);
    this.#looking = looking(client);
    this.#typing = new Typing(client, id);
    this.#actions = new ConversationActions(client);
    this.#feed = new LiveFeed<ConversationState>(client, {
      topic: `conversation:${id}`,
      fetch: async () => {
        const detail = await client.rest.get<ConversationDetail>(`/conversations/${id}/`);
        return fromSnapshot(detail, this.#actions.me);
      },
      reduce,
      onEvent: (event) => this.#typing.hear(event as KnownEvent, this.#actions.me),
      onReset: () => this.#typing.clear(),
    });
    const refresh = () => this.shown.set(this.#compose());
    const sources = [
      this.#feed.state,
      this.#writes.state,
      this.#marks.state,
      this.#looking.state,
      this.#typing.state,
    ] as const;
    for (const source of sources) source.subscribe(refresh);
  }

  load(): Promise<void> {
    return this.#feed.load();
  }

  look(): () => void {
    return this.#looking.look(this.id);
  }

  setTyping(isTyping: boolean): void {
    this.#typing.set(isTyping);
  }

  update(change: { title?: string; picture?: string }): WriteHandle {
    return this.#actions.update(this.id, change, this.getSnapshot().conversation);
  }

  addMembers(people: readonly string[]): WriteHandle {
    return this.#actions.addMembers(this.id, people);
  }

  removeMember(person: string): WriteHandle {
    return this.#actions.removeMember(this.id, person);
  }

  setRole(person: string, role: MemberRole): WriteHandle {
    const before = this.getSnapshot().members.find((member) => member.person.id === person);
    return this.#actions.setRole(this.id, person, role, before);
  }

  mute(until: Date | string | null): WriteHandle {
    return this.#actions.mute(this.id, isoOf(until), this.getSnapshot().mine?.muted_until);
  }

  leave(options: { holdFor?: number } = {}): WriteHandle {
    return this.#actions.leave(this.id, options.holdFor);
  }

  readersOf(message: Pick<Message, "seq" | "sender">): readonly Member[] {
    return readersOf(this.getSnapshot().members, message);
  }

  dismissFailure(): void {
    this.#writes.dismissFailure();
  }

  agreed(write: ConversationWrite): boolean {
    this.#feed.change((state) => overlayDetail(state, write));
    return true;
  }

  protected wake(): void {
    const { client } = this;
    this.#ends = [
      this.#writes.join(this),
      client.session.state.subscribe(() => this.#watchPerson()),
      client.on("conversation.touched", ({ data: { entry } }) => {
        if (entry.conversation.id === this.id) this.#touched(entry.mine);
      }),
      client.on("conversation.gone", ({ data: { conversation } }) => {
        if (conversation === this.id) void this.#feed.load();
      }),
    ];
    this.#feed.activate();
  }

  protected rest(): void {
    for (const end of this.#ends) end();
    this.#feed.deactivate();
    this.#typing.clear();
  }

  #touched(mine: ConversationState["mine"]): void {
    if (this.#feed.state.getSnapshot().status === "gone") void this.#feed.load();
    else this.#feed.change((state) => own(state, mine));
  }

  /** With a token of the host's, who we are is known only after the first greeting. */
  #watchPerson(): void {
    const { me } = this.#actions;
    this.#feed.change((state) => (state.me === me ? state : { ...state, me }));
  }

  #compose(): ConversationSnapshot {
    const { value, status, error } = this.#feed.state.getSnapshot();
    const { writes, failure } = this.#writes.state.getSnapshot();
    const state = value && writes.reduce(overlayDetail, value);
    return {
      status,
      error,
      conversation: state?.conversation ?? null,
      members: state?.members ?? [],
      mine: state && this.#marks.applied(state.mine, this.id, state.conversation.last_seq),
      typing: this.#typing.state.getSnapshot(),
      isLookedAt: this.#looking.state.getSnapshot().includes(this.id),
      failure,
    };
  }
}
