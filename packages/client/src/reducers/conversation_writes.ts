/** Writes to conversations that are shown before the server has decided: each can be laid over a confirmed state. */
import type { Message, Position, Reactions } from "../protocol.js";
import type { ConversationAction, MemberRole } from "../stores/conversations_contract.js";
import type { ConversationState } from "./conversation.js";
import { blocked, type ConversationsState, patch, without } from "./conversations.js";
import { type MessagesState, tombstone, unquote } from "./messages.js";

export interface ConversationWrite {
  ref: string;
  action: ConversationAction;
  conversation: number | null;
  message: number | null;
  /** When it was made, ISO. */
  at: string;
  change: {
    content?: string;
    emoji?: string;
    on?: boolean;
    /** Who writes. */
    me?: string | null;
    person?: string;
    role?: MemberRole;
    title?: string;
    picture?: string;
    until?: string | null;
  };
  /** Position of its event, once the reply told it. */
  position: Position | null;
}

/** The list as it will be when the server agrees. */
export function overlayList(state: ConversationsState, write: ConversationWrite): ConversationsState {
  const { action, conversation, change } = write;
  switch (action) {
    case "mute":
      return patch(state, (entry) =>
        entry.conversation.id === conversation
          ? { ...entry, mine: { ...entry.mine, muted_until: change.until ?? null } }
          : entry,
      );
    case "leave":
      return conversation === null ? state : without(state, conversation);
    case "update":
      return patch(state, (entry) =>
        entry.conversation.id === conversation
          ? { ...entry, conversation: { ...entry.conversation, ...titled(write) } }
          : entry,
      );
    case "block":
    case "unblock":
      return blocked(state, change.person ?? "", action === "block");
    default:
      return state;
  }
}

/** The conversation as it will be when the server agrees. */
export function overlayDetail(state: ConversationState, write: ConversationWrite): ConversationState {
  const { action, change } = write;
  const { mine, members } = state;
  if (action === "block" || action === "unblock") return blockedIn(state, change.person, action === "block");
  if (write.conversation !== state.conversation.id) return state;
  switch (action) {
    case "mute":
      return { ...state, mine: { ...mine, muted_until: change.until ?? null } };
    case "update":
      return { ...state, conversation: { ...state.conversation, ...titled(write) } };
    case "remove_member":
      return { ...state, members: members.filter(({ person }) => person.id !== change.person) };
    case "set_role":
      return {
        ...state,
        members: members.map((one) =>
          one.person.id === change.person && change.role !== undefined ? { ...one, role: change.role } : one,
        ),
      };
    default:
      return state;
  }
}

/** The window as it will be when the server agrees. */
export function overlayMessages(state: MessagesState, write: ConversationWrite): MessagesState {
  const index = state.items.findIndex(({ id }) => id === write.message);
  const message = state.items[index];
  if (message === undefined) return state;
  const items = [...state.items];
  items[index] = changedMessage(message, write);
  const next = { ...state, items };
  return write.action === "delete" ? unquote(next, message.id) : next;
}

/** What one message becomes. */
export function changedMessage(message: Message, { action, change, at }: ConversationWrite): Message {
  switch (action) {
    case "edit":
      return { ...message, content: change.content ?? message.content, edited_at: at };
    case "delete":
      return tombstone(message, at);
    case "react":
      return { ...message, reactions: reacted(message.reactions, change) };
    default:
      return message;
  }
}

/** True when the person has given this reaction, as far as the names go. */
export function hasReacted(message: Message, emoji: string, me: string | null): boolean {
  return me !== null && message.reactions.some((one) => one.emoji === emoji && one.people.includes(me));
}

function reacted(reactions: readonly Reactions[], change: ConversationWrite["change"]): Reactions[] {
  const { emoji = "", on = true, me } = change;
  if (!me) return [...reactions];
  const found = reactions.find((one) => one.emoji === emoji);
  if ((found?.people.includes(me) ?? false) === on) return [...reactions];
  if (found === undefined) return [...reactions, { emoji, count: 1, people: [me] }];
  const people = on ? [...found.people, me] : found.people.filter((id) => id !== me);
  const after = { emoji, count: found.count + (on ? 1 : -1), people };
  return reactions.map((one) => (one === found ? after : one)).filter(({ count }) => count > 0);
}

function titled({ change: { title, picture } }: ConversationWrite): { title?: string; picture?: string } {
  return { ...(title === undefined ? {} : { title }), ...(picture === undefined ? {} : { picture }) };
}

function blockedIn(state: ConversationState, person: string | undefined, blocks: boolean): ConversationState {
  const isTheirs = state.conversation.kind === "direct" && state.members.some((one) => one.person.id === person);
  return isTheirs && person !== state.me ? { ...state, mine: { ...state.mine, blocks } } : state;
}
