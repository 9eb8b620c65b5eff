/** The shared window of one conversation's messages, with the reader's own writes and unsent messages in it. */
import type { CarillonClient } from "../api.js";
import { asClientError, type ClientError } from "../errors.js";
import { hasReached } from "../positions.js";
import type { KnownEvent, Message } from "../protocol.js";
import { type ConversationWrite, overlayMessages } from "../reducers/conversation_writes.js";
import {
  append,
  arrived,
  fromSnapshot,
  indexOf,
  type MessagesState,
  prepend,
  reduce,
  replace,
  unquote,
} from "../reducers/messages.js";
import type { WriteHandle } from "./contract.js";
import { createConversationStore } from "./conversation.js";
import { ConversationActions } from "./conversation_actions.js";
import { type ConversationWrites, conversationWrites } from "./conversation_writes.js";
import type {
  ConversationStore,
  DraftsStore,
  MessageItem,
  MessagesSnapshot,
  MessagesStore,
  SendOptions,
} from "./conversations_contract.js";
import { createDraftsStore } from "./drafts.js";
import { NO_MESSAGES } from "./empty.js";
import { LiveFeed, type Recent } from "./live.js";
import { MessageWindow } from "./message_window.js";
import { MessagesView, unsentItem } from "./messages_view.js";
import { outboxOf, type SharedOutbox } from "./outbox.js";
import { type ReadMarks, readMarks } from "./read_marks.js";
import { LingeringStore, PerClient } from "./shared.js";
import { Store } from "./store.js";

export const LONGEST_CONTENT = 8_000;
/** How much of a window at its end is kept while nobody listens. */
const KEPT_AT_REST = 100;

interface Own {
  isLoadingBefore: boolean;
  isLoadingAfter: boolean;
  isJumping: boolean;
  error: ClientError | null;
  divider: number | null;
  /** Sent, and answered, but not yet in the window: what came before them is still on its way. */
  answered: readonly Message[];
}

const shared = new PerClient<number, SharedMessages>((client, id) => new SharedMessages(client, id));

/** The messages of one conversation: asked twice, the same store is returned. */
export function createMessagesStore(client: CarillonClient, conversation: number): MessagesStore {
  return shared.of(client, conversation);
}

class SharedMessages extends LingeringStore<MessagesSnapshot> implements MessagesStore {
  readonly conversation: number;
  readonly #feed: LiveFeed<MessagesState>;
  readonly #window: MessageWindow;
  readonly #detail: ConversationStore;
  readonly #writes: ConversationWrites;
  readonly #marks: ReadMarks;
  readonly #outbox: SharedOutbox;
  readonly #drafts: DraftsStore;
  readonly #actions: ConversationActions;
  readonly #view = new MessagesView();
  readonly #own = new Store<Own>(CALM);
  #ends: (() => void)[] = [];
  /** True until the window stands where the reader should begin. */
  #isUnopened = true;
  #isAtStart = false;

  constructor(client: CarillonClient, conversation: number) {
    super(client, NO_MESSAGES);
    this.conversation = conversation;
    this.#window = new MessageWindow(client, conversation);
    this.#detail = createConversationStore(client, conversation);
    this.#writes = conversationWrites(client);
    this.#marks = readMarks(client);
    this.#outbox = outboxOf(client);
    this.#drafts = createDraftsStore(client);
    this.#actions = new ConversationActions(client);
    this.#feed = new LiveFeed<MessagesState>(client, {
      topic: `conversation:${conversation}`,
      fetch: (current, recent) => this.#fetch(current, recent),
      reduce,
      isStale: ({ isStale }) => isStale,
      onEvent: (event) => this.#heard(event as KnownEvent),
      onReset: () => this.#reset(),
    });
    const refresh = () => this.shown.set(this.#compose());
    this.#feed.state.subscribe(() => this.#settle());
    for (const source of [this.#feed.state, this.#writes.state, this.#outbox, this.#own]) source.subscribe(refresh);
  }

  load(): Promise<void> {
    return this.#feed.load();
  }

  async loadBefore(): Promise<void> {
    const value = this.#feed.value;
    const first = value?.items[0]?.seq;
    if (!value?.hasBefore || first === undefined || this.#own.getSnapshot().isLoadingBefore) return;
    this.#isAtStart = true;
    await this.#busy("isLoadingBefore", async (recent) => {
      const page = await this.#window.page({ before: first });
      return (now) => (now.items[0]?.seq === first ? prepend(now, page, recent()) : now);
    });
  }

  async loadAfter(): Promise<void> {
    const value = this.#feed.value;
    const last = value?.items.at(-1)?.seq;
    if (!value?.hasAfter || last === undefined || this.#own.getSnapshot().isLoadingAfter) return;
    this.#isAtStart = false;
    await this.#busy("isLoadingAfter", async (recent) => {
      const page = await this.#window.page({ after: last });
      return (now) => (now.items.at(-1)?.seq === last ? append(now, page, recent()) : now);
    });
  }

  async jumpTo(seq: number): Promise<boolean> {
    const contains = () => indexOf(this.#feed.value?.items ?? [], seq) >= 0;
    if (contains()) return true;
    await this.#jump({ around: seq });
    return contains();
  }

  async jumpToLatest(): Promise<boolean> {
    const isThere = () => this.#feed.value?.hasAfter === false;
    if (isThere()) return true;
    await this.#jump({});
    return isThere();
  }

  send(content: string, options: SendOptions = {}): string | null {
    const text = content.trim();
    if (text === "" || lengthOf(text) > LONGEST_CONTENT) return null;
    const clientId = this.#outbox.send(this.conversation, text, options.replyTo);
    this.#detail.setTyping(false);
    this.#drafts.clear(this.conversation);
    if (this.#feed.value?.hasAfter) void this.jumpToLatest();
    return clientId;
  }

  retry(clientId: string): void {
    this.#outbox.retry(clientId);
  }

  discard(clientId: string): string | null {
    return this.#outbox.discard(clientId);
  }

  edit(id: number, content: string): WriteHandle {
    return this.#actions.edit(this.#named(id), content.trim());
  }

  remove(id: number, options: { holdFor?: number } = {}): WriteHandle {
    return this.#actions.remove(this.#named(id), options.holdFor);
  }

  react(id: number, emoji: string, on?: boolean): WriteHandle {
    return this.#actions.react(this.#named(id), emoji, on);
  }

  markRead(seq?: number): void {
    const { lastSeq, readUpTo } = this.getSnapshot();
    const upTo = Math.min(seq ?? lastSeq, lastSeq);
    if (upTo > readUpTo) this.#marks.mark(this.conversation, upTo);
  }

  clearDivider(): void {
    this.#own.update({ divider: null });
  }

  dismissFailure(): void {
    this.#writes.dismissFailure();
  }

  /** While events come, the write's own one settles it; what the reply says may be older than what is still to come. */
  agreed(write: ConversationWrite, reply: Record<string, unknown>): boolean {
    const message = reply.message as Message | undefined;
    const value = this.#feed.value;
    if (write.conversation !== this.conversation || write.message === null || !message || !value) return true;
    const { position } = write;
    if (position !== null && this.#feed.isLive && !hasReached(value.position, position)) return false;
    this.#feed.change((state) => {
      const next = replace(state, message);
      return write.action === "delete" ? unquote(next, message.id) : next;
    });
    return true;
  }

  protected wake(): void {
    this.#ends = [
      this.#writes.join(this),
      this.#detail.subscribe(() => this.shown.set(this.#compose())),
      this.#outbox.onSent((message) => this.#sent(message)),
    ];
    this.#feed.activate();
  }

  protected rest(): void {
    for (const end of this.#ends) end();
    this.#feed.deactivate();
    this.#reset();
    this.#writes.settle((write) => write.conversation === this.conversation);
    this.#feed.change((state) => {
      if (state.hasAfter || state.items.length <= KEPT_AT_REST) return state;
      return { ...state, items: state.items.slice(-KEPT_AT_REST), hasBefore: true };
    });
  }

  #reset(): void {
    this.#isUnopened = true;
    this.#isAtStart = false;
    this.#own.set(CALM);
  }

  async #fetch(current: MessagesState | null, recent: Recent): Promise<MessagesState> {
    const isBegin = this.#isUnopened && (current === null || current.hasAfter);
    const loading = isBegin || current === null ? this.#window.page({}) : null;
    // It may fail while the other is waited for; awaiting it below tells.
    loading?.catch(() => undefined);
    const firstUnread = this.#isUnopened ? await this.#firstUnread() : null;
    const newest = loading && fromSnapshot(await loading);
    if (this.#isUnopened && firstUnread !== null) this.#own.update({ divider: firstUnread });
    this.#isUnopened = false;
    if (newest === null) return this.#window.again(current as MessagesState, this.#isAtStart, recent);
    const isShown = firstUnread === null || firstUnread >= (newest.items[0]?.seq ?? 0);
    if (isShown) return newest;
    const around = fromSnapshot(await this.#window.page({ around: firstUnread }));
    return { ...around, lastSeq: Math.max(around.lastSeq, newest.lastSeq) };
  }

  async #firstUnread(): Promise<number | null> {
    await this.#detail.load();
    const { mine } = this.#detail.getSnapshot();
    return mine === null || mine.unread === 0 ? null : Math.max(mine.read_up_to, mine.visible_from) + 1;
  }

  async #jump(place: { around: number } | Record<string, never>): Promise<void> {
    if (this.#feed.value === null) await this.#feed.load();
    await this.#busy("isJumping", async (recent) => {
      const page = await this.#window.page(place);
      return (now) => {
        const next = recent().reduce(reduce, fromSnapshot(page));
        this.#isAtStart = false;
        return { ...next, lastSeq: Math.max(next.lastSeq, now.lastSeq) };
      };
    });
  }

  async #busy(
    flag: "isLoadingBefore" | "isLoadingAfter" | "isJumping",
    work: (recent: Recent) => Promise<(value: MessagesState) => MessagesState>,
  ): Promise<void> {
    this.#own.update({ [flag]: true, error: null });
    try {
      await this.#feed.extend(work);
      this.#own.update({ [flag]: false });
    } catch (thrown) {
      this.#own.update({ [flag]: false, error: asClientError(thrown) });
    }
  }

  #heard(event: KnownEvent): void {
    if (event.type !== "message.sent") return;
    const { message } = event.data;
    const isSeen = this.#detail.getSnapshot().isLookedAt || message.sender?.id === this.#actions.me;
    if (!isSeen && this.#own.getSnapshot().divider === null) this.#own.update({ divider: message.seq });
  }

  /** The answer to a send may come before what others said just before it. */
  #sent(message: Message): void {
    const value = this.#feed.value;
    if (message.conversation !== this.conversation || value === null || value.hasAfter) return;
    const last = value.items.at(-1)?.seq ?? 0;
    if (message.seq === last + 1) this.#feed.change((state) => arrived(state, message));
    else if (message.seq > last) {
      this.#own.update({ answered: [...this.#own.getSnapshot().answered, message] });
      if (!this.#feed.isLive) void this.#feed.load();
    }
  }

  /** Drops what the window contains by now. */
  #settle(): void {
    const value = this.#feed.value;
    const { answered } = this.#own.getSnapshot();
    const left = answered.filter(
      ({ seq }) => value !== null && !value.hasAfter && seq > (value.items.at(-1)?.seq ?? 0),
    );
    if (left.length < answered.length) this.#own.update({ answered: left });
    this.#writes.settle(({ conversation, message, position }) => {
      const isHere = conversation === this.conversation && message !== null && position !== null;
      return isHere && hasReached(value?.position ?? null, position);
    });
  }

  #named(id: number): Pick<Message, "id" | "conversation"> & Partial<Message> {
    const message = this.getSnapshot().items.find((item) => item.message.id === id)?.message;
    return message ?? { id, conversation: this.conversation };
  }

  #compose(): MessagesSnapshot {
    const { value, status, error } = this.#feed.state.getSnapshot();
    const { isLoadingBefore, isLoadingAfter, isJumping, divider, error: pagingError } = this.#own.getSnapshot();
    const { mine, members, conversation } = this.#detail.getSnapshot();
    const { writes, failure } = this.#writes.state.getSnapshot();
    const open = writes.filter((write) => write.conversation === this.conversation && write.message !== null);
    const state = value && open.reduce(overlayMessages, value);
    const { items, unsent } = this.#items(state, new Set(open.map(({ message }) => message)));
    const { me } = this.#actions;
    return {
      status,
      error: error ?? pagingError,
      items,
      unsent,
      hasBefore: state?.hasBefore ?? false,
      hasAfter: state?.hasAfter ?? false,
      isLoadingBefore,
      isLoadingAfter,
      isJumping,
      lastSeq: Math.max(state?.lastSeq ?? 0, conversation?.last_seq ?? 0),
      readUpTo: mine?.read_up_to ?? 0,
      unread: mine?.unread ?? 0,
      divider,
      readers: this.#view.readers(members, value?.items ?? NONE, me),
      failure,
    };
  }

  #items(
    state: MessagesState | null,
    changing: ReadonlySet<number | null>,
  ): Pick<MessagesSnapshot, "items" | "unsent"> {
    const { me } = this.#actions;
    const messages = [...(state?.items ?? []), ...this.#own.getSnapshot().answered];
    const sent = messages.map((message) => this.#view.item(message, me, changing.has(message.id)));
    const unsent = this.#unsent(messages);
    return { items: state === null || state.hasAfter ? sent : [...sent, ...unsent], unsent };
  }

  /** What an earlier page sent without hearing the answer may be in the window and in the outbox. */
  #unsent(messages: readonly Message[]): MessageItem[] {
    const waiting = this.#outbox.getSnapshot().messages.filter((one) => one.conversation === this.conversation);
    if (waiting.length === 0) return [];
    const { person } = this.client.session.state.getSnapshot();
    const own = messages.filter(({ sender }) => sender !== null && sender.id === person?.id);
    const known = new Set(own.map(({ client_id }) => client_id));
    return waiting.filter(({ clientId }) => !known.has(clientId)).map((one) => unsentItem(one, person));
  }
}

const NONE: readonly Message[] = [];

const CALM: Own = {
  isLoadingBefore: false,
  isLoadingAfter: false,
  isJumping: false,
  error: null,
  divider: null,
  answered: [],
};

/** In characters as the server counts them. */
function lengthOf(text: string): number {
  return text.length <= LONGEST_CONTENT ? text.length : [...text].length;
}
