/** One conversation, its members and their read marks, as a pure function of its snapshot and the events after it. */
import { hasReached, positionOf } from "../positions.js";
import type {
  Conversation,
  ConversationDetail,
  EventFrame,
  KnownEvent,
  Member,
  Message,
  Mine,
  Position,
} from "../protocol.js";

export interface ConversationState {
  /** Id of the reader, to whom `mine` belongs; null while unknown. */
  me: string | null;
  conversation: Conversation;
  /** In the order in which they joined. */
  members: readonly Member[];
  mine: Mine;
  /** Up to where events of the conversation's topic are contained in this state. */
  position: Position | null;
}

/** The state that a snapshot stands for. */
export function fromSnapshot(detail: ConversationDetail, me: string | null): ConversationState {
  const { conversation, members, mine, position } = detail;
  return { me, conversation, members, mine, position };
}

/** The state after `event`; one that it contains already, or of an unknown type, changes at most the position. */
export function reduce(state: ConversationState, event: EventFrame): ConversationState {
  const position = positionOf(event);
  if (position !== null && hasReached(state.position, position)) return state;
  const next = apply(state, event as KnownEvent);
  return position === null ? next : { ...next, position };
}

function apply(state: ConversationState, event: KnownEvent): ConversationState {
  switch (event.type) {
    case "message.sent":
      return said(state, event.data.message);
    case "conversation.read":
      return read(state, event.data.person, event.data.up_to, event.data.at);
    case "conversation.updated":
      return told(state, event.data.conversation);
    case "member.joined":
      return told(joined(state, event.data.members), event.data.conversation);
    case "member.left":
      return told(left(state, event.data.people), event.data.conversation);
    case "member.changed":
      return changed(state, event.data.member);
    case "conversation.touched":
      return event.data.entry.conversation.id === state.conversation.id ? own(state, event.data.entry.mine) : state;
    default:
      return state;
  }
}

/** What only the reader's own topic tells; marks come from the conversation itself, and only grow. */
export function own(state: ConversationState, mine: Mine): ConversationState {
  const { read_up_to, is_mentioned } = state.mine;
  // An older line of the list, told late, must not take back what was read since.
  const isLate = mine.read_up_to < read_up_to;
  return counted(state, {
    ...mine,
    read_up_to: Math.max(read_up_to, mine.read_up_to),
    is_mentioned: isLate ? is_mentioned : mine.is_mentioned,
  });
}

/** Members other than the message's sender who have read it. */
export function readersOf(members: readonly Member[], { seq, sender }: Pick<Message, "seq" | "sender">): Member[] {
  return members.filter(({ person, read_up_to }) => person.id !== sender?.id && read_up_to >= seq);
}

/** For each seq, the others whose mark stands there; a mark that is not among `seqs` stands at the last one before it. */
export function readersBySeq(
  members: readonly Member[],
  seqs: readonly number[],
  me: string | null,
): Map<number, Member[]> {
  const readers = new Map<number, Member[]>();
  for (const member of members) {
    if (member.person.id === me) continue;
    const seq = lastUpTo(seqs, member.read_up_to);
    if (seq !== null) readers.set(seq, [...(readers.get(seq) ?? []), member]);
  }
  return readers;
}

/** How many messages come after both marks. */
export function unreadOf(lastSeq: number, { read_up_to, visible_from }: Pick<Mine, "read_up_to" | "visible_from">) {
  return Math.max(0, lastSeq - Math.max(read_up_to, visible_from));
}

function said(state: ConversationState, message: Message): ConversationState {
  const { conversation, me } = state;
  const lastSeq = Math.max(conversation.last_seq, message.seq);
  const grown = counted({ ...state, conversation: { ...conversation, last_seq: lastSeq } }, state.mine);
  const sender = message.sender?.id;
  if (sender === undefined) return grown;
  const next = read(grown, sender, message.seq, message.created_at);
  return sender !== me && mentions(message, me) ? { ...next, mine: { ...next.mine, is_mentioned: true } } : next;
}

function mentions({ mentions }: Message, me: string | null): boolean {
  return mentions.some(({ person }) => person === "*" || person === me);
}

function read(state: ConversationState, person: string, upTo: number, at: string): ConversationState {
  const members = state.members.map((member) =>
    member.person.id === person && member.read_up_to < upTo ? { ...member, read_up_to: upTo, read_at: at } : member,
  );
  const next = { ...state, members };
  if (person !== state.me || state.mine.read_up_to >= upTo) return next;
  // Which message the mention was in is not known here: only having read everything settles it for certain.
  const isMentioned = state.mine.is_mentioned && upTo < state.conversation.last_seq;
  return counted(next, { ...state.mine, read_up_to: upTo, is_mentioned: isMentioned });
}

function counted(state: ConversationState, mine: Mine): ConversationState {
  return { ...state, mine: { ...mine, unread: unreadOf(state.conversation.last_seq, mine) } };
}

/** Of two states of the conversation the higher version is the later; messages are told apart from both. */
function told(state: ConversationState, conversation: Conversation): ConversationState {
  const later = conversation.version >= state.conversation.version ? conversation : state.conversation;
  const lastSeq = Math.max(conversation.last_seq, state.conversation.last_seq);
  return counted({ ...state, conversation: { ...later, last_seq: lastSeq } }, state.mine);
}

function joined(state: ConversationState, members: readonly Member[]): ConversationState {
  const ids = new Set(members.map(({ person }) => person.id));
  const staying = state.members.filter(({ person }) => !ids.has(person.id));
  return { ...state, members: [...staying, ...members].sort(byJoining) };
}

function left(state: ConversationState, people: readonly string[]): ConversationState {
  return { ...state, members: state.members.filter(({ person }) => !people.includes(person.id)) };
}

function changed(state: ConversationState, member: Member): ConversationState {
  const members = state.members.map((one) =>
    one.person.id === member.person.id ? { ...member, ...furthest(one, member) } : one,
  );
  const mine = member.person.id === state.me ? { ...state.mine, role: member.role } : state.mine;
  return { ...state, members, mine };
}

function furthest(one: Member, other: Member): Pick<Member, "read_up_to" | "read_at"> {
  const { read_up_to, read_at } = other.read_up_to >= one.read_up_to ? other : one;
  return { read_up_to, read_at };
}

function byJoining(one: Member, other: Member): number {
  return one.joined_at.localeCompare(other.joined_at);
}

function lastUpTo(seqs: readonly number[], mark: number): number | null {
  let low = 0;
  let high = seqs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((seqs[middle] ?? 0) <= mark) low = middle + 1;
    else high = middle;
  }
  return seqs[low - 1] ?? null;
}
