/** What the stores of conversations, messages, people and presence promise to pages and hooks. */
import type { ClientError } from "../errors.js";
import type {
  Conversation,
  Entry,
  Member,
  Message,
  Mine,
  NewConversation,
  Person,
  PersonPresence,
  Quote,
} from "../protocol.js";
import type { WriteHandle } from "./contract.js";
import type { ReadableStore } from "./store.js";

export type ConversationKind = Conversation["kind"];
export type MemberRole = Member["role"];
export type Presence = Pick<PersonPresence, "id" | "state" | "last_seen">;
export type PresenceStatus = PersonPresence["state"];

export type LoadStatus = "idle" | "loading" | "ready" | "error";

export type ConversationAction =
  | "edit"
  | "delete"
  | "react"
  | "update"
  | "mute"
  | "leave"
  | "add_members"
  | "remove_member"
  | "set_role"
  | "block"
  | "unblock";

/** A write that the server refused after it was shown; the screen has been put back. `error.message` is a sentence. */
export interface ConversationFailure {
  ref: string;
  action: ConversationAction;
  /** Null for `block` and `unblock`. */
  conversation: number | null;
  /** Id of the message, for `edit`, `delete` and `react`. */
  message: number | null;
  error: ClientError;
}

/** Until when a conversation is muted that is muted for good. */
export const FOREVER = "9999-12-31T00:00:00Z";

// --- The list -------------------------------------------------------------------------------------------------------

export interface ConversationsQuery {
  /** Words looked for in titles and names. */
  q?: string;
  /** 1 to 100, default 30. */
  pageSize?: number;
}

export interface ConversationsSnapshot {
  status: LoadStatus;
  error: ClientError | null;
  /** Latest activity first, with pending writes and local read marks already applied. */
  items: readonly Entry[];
  hasMore: boolean;
  isLoadingMore: boolean;
  /**
   * Conversations with something unread, for the badge: all of them, of a search the loaded ones. Muted ones count only
   * when the reader is mentioned.
   */
  unread: number;
  /** Unread messages in those. */
  unreadMessages: number;
  /** Conversations with a write under way. */
  pending: ReadonlySet<number>;
  failure: ConversationFailure | null;
}

export interface ConversationsStore extends ReadableStore<ConversationsSnapshot> {
  readonly query: Readonly<Required<ConversationsQuery>>;
  /** Fetches the list anew, at its current length; the first subscriber causes it by itself. Never rejects. */
  load(): Promise<void>;
  loadMore(): Promise<void>;
  /** The direct conversation with a person, made if there is none yet. Rejects with a ClientError. */
  openDirect(person: string): Promise<Conversation>;
  /** Makes a group or a room. Rejects with a ClientError. */
  create(conversation: NewConversation): Promise<Conversation>;
  /** Null ends a mute; `FOREVER` never ends. Undo puts the former back. */
  mute(conversation: number, until: Date | string | null): WriteHandle;
  /** With `holdFor` (milliseconds) it is sent after that time, and can be undone until then. */
  leave(conversation: number, options?: { holdFor?: number }): WriteHandle;
  block(person: string): WriteHandle;
  unblock(person: string): WriteHandle;
  dismissFailure(): void;
}

// --- One conversation -----------------------------------------------------------------------------------------------

export interface ConversationSnapshot {
  /** `gone`: the reader is no member (any more), or it never was there. */
  status: LoadStatus | "gone";
  error: ClientError | null;
  conversation: Conversation | null;
  /** All members, the reader too, in the order in which they joined. */
  members: readonly Member[];
  /** With local read marks already applied. */
  mine: Mine | null;
  /** Who is typing now, without the reader. */
  typing: readonly Person[];
  /** True while at least one `look()` is in force. */
  isLookedAt: boolean;
  failure: ConversationFailure | null;
}

export interface ConversationStore extends ReadableStore<ConversationSnapshot> {
  readonly id: number;
  /** Fetches it anew; the first subscriber causes it by itself. Never rejects. */
  load(): Promise<void>;
  /**
   * The reader has this conversation before the eyes, so that it needs no notification; told to the server, again after
   * each reconnect. Returns the end of it. Of several conversations looked at, the last one counts.
   */
  look(): () => void;
  /** Call at each keystroke with true, with false when the composer was emptied; sends at most once in two seconds. */
  setTyping(isTyping: boolean): void;
  update(change: { title?: string; picture?: string }): WriteHandle;
  addMembers(people: readonly string[]): WriteHandle;
  removeMember(person: string): WriteHandle;
  setRole(person: string, role: MemberRole): WriteHandle;
  mute(until: Date | string | null): WriteHandle;
  leave(options?: { holdFor?: number }): WriteHandle;
  /** Members other than its sender who have read the message. */
  readersOf(message: Pick<Message, "seq" | "sender">): readonly Member[];
  dismissFailure(): void;
}

// --- Messages -------------------------------------------------------------------------------------------------------

/** `sent`: the server has it. `pending`: waits (for the network, or for its turn). `failed`: refused, see `failure`. */
export type Delivery = "sent" | "pending" | "sending" | "failed";

export interface MessageItem {
  /** Stays the same from the first keystroke of Enter to the server's answer and after a reload: use it as React's key. */
  readonly key: string;
  /** Of what was not sent yet: `id` and `seq` are 0, `created_at` is when it was composed. */
  readonly message: Message;
  readonly delivery: Delivery;
  /** Why it was refused. */
  readonly failure: MessageRefusal | null;
  readonly isMine: boolean;
  /** An edit, a deletion or a reaction of it is under way. */
  readonly isChanging: boolean;
}

export interface MessageRefusal {
  /** The server's slug. */
  code: string;
  /** A sentence. */
  message: string;
}

export interface MessagesSnapshot {
  /** `gone` as in ConversationSnapshot. */
  status: LoadStatus | "gone";
  error: ClientError | null;
  /** Seq ascending without gaps; what was not sent yet stands at the end, unless `hasAfter`. */
  items: readonly MessageItem[];
  /** Own messages that were not sent yet, also while `hasAfter`; oldest first. */
  unsent: readonly MessageItem[];
  hasBefore: boolean;
  hasAfter: boolean;
  isLoadingBefore: boolean;
  isLoadingAfter: boolean;
  /** True while `jumpTo` or `jumpToLatest` fetches. */
  isJumping: boolean;
  /** Seq of the latest message of the conversation, loaded or not. */
  lastSeq: number;
  /** The reader's mark, local marks included. */
  readUpTo: number;
  /** Messages after the reader's mark. */
  unread: number;
  /** Seq of the first message that was new when the conversation was opened, or came unseen since; null when none. */
  divider: number | null;
  /** Read marks of the others as faces: seq of the last message each of them has read, to those who stand there. */
  readers: ReadonlyMap<number, readonly Member[]>;
  failure: ConversationFailure | null;
}

export interface SendOptions {
  /** The message that is answered. */
  replyTo?: Message | null;
}

export interface MessagesStore extends ReadableStore<MessagesSnapshot> {
  readonly conversation: number;
  /** Fetches the window anew where it stands; the first time around the first unread message. Never rejects. */
  load(): Promise<void>;
  loadBefore(): Promise<void>;
  loadAfter(): Promise<void>;
  /** Moves the window so that it contains `seq`; resolves with false when it cannot be had. */
  jumpTo(seq: number): Promise<boolean>;
  jumpToLatest(): Promise<boolean>;
  /**
   * Puts a message into the outbox, shows it, ends typing and clears the draft; returns its `client_id`. Text is trimmed;
   * null for text that is empty or too long.
   */
  send(content: string, options?: SendOptions): string | null;
  /** Sends a failed message again, under the same `client_id`. */
  retry(clientId: string): void;
  /** Gives a failed or waiting message up; returns its words, for the composer. Null when it is sent already. */
  discard(clientId: string): string | null;
  /** Undo writes the former words again. */
  edit(id: number, content: string): WriteHandle;
  /** With `holdFor` (milliseconds) it is sent after that time, and can be undone until then. */
  remove(id: number, options?: { holdFor?: number }): WriteHandle;
  /** Adds or takes back the reader's reaction; without `on` whichever is the other. Undo does the opposite. */
  react(id: number, emoji: string, on?: boolean): WriteHandle;
  /** Everything up to `seq` (default: the latest) is read. Only ever forward; sent after a short while, once for many calls. */
  markRead(seq?: number): void;
  /** Takes the divider away before the conversation is left. */
  clearDivider(): void;
  dismissFailure(): void;
}

// --- The outbox and drafts ------------------------------------------------------------------------------------------

export interface OutboxMessage {
  readonly clientId: string;
  readonly conversation: number;
  readonly content: string;
  readonly replyTo: Quote | null;
  /** ISO. */
  readonly createdAt: string;
  readonly state: Exclude<Delivery, "sent">;
  readonly failure: MessageRefusal | null;
}

export interface OutboxSnapshot {
  /** False until what an earlier page left has been read. */
  isReady: boolean;
  /** Of the signed-in person, oldest first. */
  messages: readonly OutboxMessage[];
}

/** The signed-in person's unsent messages on this device; each goes by itself when it can, exactly once. */
export interface Outbox extends ReadableStore<OutboxSnapshot> {
  /** False where the browser keeps nothing (private mode): a reload loses what was not sent. */
  readonly isDurable: boolean;
  send(conversation: number, content: string, replyTo?: Message | null): string;
  retry(clientId: string): void;
  discard(clientId: string): string | null;
}

export interface Draft {
  text: string;
  replyTo: Quote | null;
}

/** What was begun in each conversation; kept on this device, per person. The snapshot tells which have a draft. */
export interface DraftsStore extends ReadableStore<ReadonlyMap<number, Draft>> {
  /** Empty text without `replyTo` takes the draft away. */
  set(conversation: number, draft: Draft): void;
  clear(conversation: number): void;
}

// --- Presence -----------------------------------------------------------------------------------------------------------

export interface PresenceTargets {
  people?: readonly string[];
  /** Watches the members of these conversations. */
  conversations?: readonly number[];
}

/** By person; whoever is missing is unknown: not watched, not visible to the reader, or there is no connection. */
export type PresenceSnapshot = ReadonlyMap<string, Presence>;

export interface PresenceStore extends ReadableStore<PresenceSnapshot> {
  /** Watches until the returned function is called; many watchers cost one command. */
  watch(targets: PresenceTargets): () => void;
  /** Tells that the reader is `away` or back `online`; told again after each reconnect. */
  report(state: "online" | "away"): void;
}

// --- People ---------------------------------------------------------------------------------------------------------

export interface PeopleSearchSnapshot {
  /** The words that `items` belong to. */
  q: string;
  status: LoadStatus;
  error: ClientError | null;
  items: readonly Person[];
  hasMore: boolean;
  isLoadingMore: boolean;
}

export interface PeopleSearch extends ReadableStore<PeopleSearchSnapshot> {
  /** Searches after a short pause in typing; the empty text lists everybody who may be written to. */
  search(q: string): void;
  loadMore(): Promise<void>;
  /** Asks again after an error. */
  retry(): void;
  /** Stops what is under way. */
  destroy(): void;
}

export interface BlockedSnapshot {
  status: LoadStatus;
  error: ClientError | null;
  items: readonly Person[];
}

/** Whom the reader blocks; kept up to date by events. */
export interface BlockedStore extends ReadableStore<BlockedSnapshot> {
  load(): Promise<void>;
}
