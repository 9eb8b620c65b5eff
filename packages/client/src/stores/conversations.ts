/** The shared list of conversations: what the server confirmed, with the reader's own pending writes over it. */

import type { CarillonClient } from "../api.js";
import { asClientError, type ClientError } from "../errors.js";
import type { Conversation, ConversationDetail, Entry, NewConversation } from "../protocol.js";
import { type ConversationWrite, overlayList } from "../reducers/conversation_writes.js";
import {
  appendPage,
  badgeOf,
  type ConversationsPage,
  type ConversationsState,
  fromSnapshot,
  reduce,
} from "../reducers/conversations.js";
import { OWN_TOPIC } from "../topics.js";
import { createClientId } from "../writes.js";
import type { WriteHandle } from "./contract.js";
import { ConversationActions } from "./conversation_actions.js";
import { type ConversationWrites, conversationWrites } from "./conversation_writes.js";
import type { ConversationsQuery, ConversationsSnapshot, ConversationsStore } from "./conversations_contract.js";
import { NO_CONVERSATIONS } from "./empty.js";
import { LiveFeed, type Recent } from "./live.js";
import { outboxOf } from "./outbox.js";
import { type ReadMarks, readMarks } from "./read_marks.js";
import { LingeringStore, PerClient } from "./shared.js";
import { Store } from "./store.js";

const LONGEST_PAGE = 100;

const shared = new PerClient<string, SharedConversations>((client, key) => {
  return new SharedConversations(client, JSON.parse(key) as Required<ConversationsQuery>, key);
});

/** The list of one client for one search: asked twice, the same one is returned, so that badge and page agree. */
export function createConversationsStore(client: CarillonClient, query: ConversationsQuery = {}): ConversationsStore {
  const { q = "", pageSize = 30 } = query;
  const full = { q: q.trim(), pageSize: Math.min(Math.max(1, pageSize), LONGEST_PAGE) };
  return shared.of(client, JSON.stringify(full));
}

class SharedConversations extends LingeringStore<ConversationsSnapshot> implements ConversationsStore {
  readonly query: Required<ConversationsQuery>;
  readonly #key: string;
  readonly #feed: LiveFeed<ConversationsState>;
  readonly #writes: ConversationWrites;
  readonly #marks: ReadMarks;
  readonly #actions: ConversationActions;
  readonly #paging = new Store<{ isLoadingMore: boolean; error: ClientError | null }>(CALM);
  #ends: (() => void)[] = [];

  constructor(client: CarillonClient, query: Required<ConversationsQuery>, key: string) {
    super(client, NO_CONVERSATIONS);
    this.query = query;
    this.#key = key;
    this.#writes = conversationWrites(client);
    this.#marks = readMarks(client);
    this.#actions = new ConversationActions(client);
    this.#feed = new LiveFeed<ConversationsState>(client, {
      topic: OWN_TOPIC,
      fetch: (current, recent) => this.#fetchLoaded(current, recent),
      reduce,
      onReset: () => this.#paging.set(CALM),
    });
    const refresh = () => this.shown.set(this.#compose());
    for (const state of [this.#feed.state, this.#writes.state, this.#marks.state, this.#paging]) {
      state.subscribe(refresh);
    }
  }

  load(): Promise<void> {
    return this.#feed.load();
  }

  async loadMore(): Promise<void> {
    const { value, status } = this.#feed.state.getSnapshot();
    if (status !== "ready" || value === null || value.next === null || this.#paging.getSnapshot().isLoadingMore) return;
    this.#paging.set({ isLoadingMore: true, error: null });
    const cursor = value.next;
    // Who reads on for so long reads on.
    const limit = value.items.length < LONGEST_PAGE ? this.query.pageSize : LONGEST_PAGE;
    try {
      await this.#feed.extend(async (recent) => {
        const page = await this.#fetch(cursor, limit);
        // A reload in between has other pages and another cursor.
        return (current) => (current.next === cursor ? appendPage(current, page, recent()) : current);
      });
      this.#paging.set(CALM);
    } catch (thrown) {
      this.#paging.set({ isLoadingMore: false, error: asClientError(thrown) });
    }
  }

  openDirect(person: string): Promise<Conversation> {
    return this.#create({ kind: "direct", people: [person] });
  }

  create(conversation: NewConversation): Promise<Conversation> {
    return this.#create({ ...conversation });
  }

  mute(conversation: number, until: Date | string | null): WriteHandle {
    return this.#actions.mute(conversation, isoOf(until), this.#find(conversation)?.mine.muted_until);
  }

  leave(conversation: number, options: { holdFor?: number } = {}): WriteHandle {
    return this.#actions.leave(conversation, options.holdFor);
  }

  block(person: string): WriteHandle {
    return this.#actions.block(person, true);
  }

  unblock(person: string): WriteHandle {
    return this.#actions.block(person, false);
  }

  dismissFailure(): void {
    this.#writes.dismissFailure();
  }

  /** What the server agreed to is confirmed; the event that tells it comes somewhat later. */
  agreed(write: ConversationWrite): boolean {
    this.#feed.change((state) => overlayList(state, write));
    return true;
  }

  protected wake(): void {
    shared.keep(this.client, this.#key, this);
    // What an earlier page left unsent goes now, whichever conversation is opened first.
    outboxOf(this.client);
    this.#ends = [this.#writes.join(this)];
    this.#feed.activate();
  }

  protected rest(): void {
    for (const end of this.#ends) end();
    this.#feed.deactivate();
    // Each word typed into a search makes a list of its own.
    if (this.query.q !== "") shared.forget(this.client, this.#key);
  }

  async #create(body: Record<string, unknown>): Promise<Conversation> {
    const options = { clientId: createClientId() };
    const detail = await this.client.write<ConversationDetail>("conversation.create", body, options);
    return detail.conversation;
  }

  #find(conversation: number): Entry | undefined {
    return this.getSnapshot().items.find((entry) => entry.conversation.id === conversation);
  }

  /** As many pages as are loaded now, so that a reader far down keeps the place. */
  async #fetchLoaded(current: ConversationsState | null, recent: Recent): Promise<ConversationsState> {
    const wanted = Math.max(this.query.pageSize, current?.items.length ?? 0);
    let state = fromSnapshot(await this.#fetch(null, Math.min(wanted, LONGEST_PAGE)), this.query.q);
    while (state.next !== null && state.items.length < wanted) {
      const page = await this.#fetch(state.next, LONGEST_PAGE);
      state = appendPage(recent().reduce(reduce, state), page, recent());
    }
    return state;
  }

  #fetch(cursor: string | null, limit: number): Promise<ConversationsPage> {
    return this.client.rest.get("/conversations/", { query: { q: this.query.q, cursor, limit } });
  }

  #compose(): ConversationsSnapshot {
    const { value, status, error } = this.#feed.state.getSnapshot();
    const { writes, failure } = this.#writes.state.getSnapshot();
    const { isLoadingMore, error: pagingError } = this.#paging.getSnapshot();
    const items = value === null ? [] : this.#marked(writes.reduce(overlayList, value).items);
    const badge = value === null ? NO_BADGE : badgeOf(value, items, this.client.clock.now());
    return {
      status: status === "gone" ? "error" : status,
      error: error ?? pagingError,
      items,
      hasMore: value !== null && value.next !== null,
      isLoadingMore,
      ...badge,
      pending: new Set(writes.flatMap(({ conversation }) => conversation ?? [])),
      failure,
    };
  }

  #marked(items: readonly Entry[]): readonly Entry[] {
    return this.#marks.state.getSnapshot().size === 0 ? items : items.map((entry) => this.#marks.appliedTo(entry));
  }
}

const NO_BADGE = { unread: 0, unreadMessages: 0 };
const CALM = { isLoadingMore: false, error: null };

/** A moment as the wire writes it. */
export function isoOf(until: Date | string | null): string | null {
  return until instanceof Date ? until.toISOString() : until;
}
