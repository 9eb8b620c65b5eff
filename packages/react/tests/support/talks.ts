import type { Conversation, Member, Message, Mine, Person } from "@carillon/client";
import { messageOf, type Talk } from "./chat_client";

const person = (id: string, name: string, username: string): Person => ({ id, name, role: "", avatar: "", username });

export const ALICE = person("1", "Alice Fontaine", "alice");
export const BRUNO = person("2", "Bruno Kouassi", "bruno");
export const AWA = person("11", "Awa Diallo", "awa");
export const MAX = person("12", "Maximilienne de La Rochefoucauld-Montbel", "max");

const LONG_AGO = "2026-01-05T09:00:00Z";

const memberOf = (who: Person, readUpTo: number, role: Member["role"] = "member"): Member => ({
  person: who,
  role,
  joined_at: LONG_AGO,
  read_up_to: readUpTo,
  read_at: null,
});

export interface TalkOptions {
  people?: readonly Person[];
  messages?: readonly Message[];
  mine?: Partial<Mine>;
  conversation?: Partial<Conversation>;
  /** Up to which message the others have read. */
  readUpTo?: number;
}

/** A conversation of Alice's: direct with one other, else a group. All is read unless `mine` says otherwise. */
export function talkOf(
  id: number,
  { people = [AWA], messages = [], mine, conversation, readUpTo }: TalkOptions = {},
): Talk {
  const last = messages.at(-1)?.seq ?? 0;
  const kind = people.length === 1 ? "direct" : "group";
  return {
    conversation: {
      id,
      kind,
      title: kind === "group" ? "Équipe façade" : "",
      picture: "",
      about: "",
      created_at: LONG_AGO,
      last_seq: last,
      member_count: people.length + 1,
      version: 1,
      ...conversation,
    },
    members: [memberOf(ALICE, last, "owner"), ...people.map((one) => memberOf(one, readUpTo ?? last))],
    mine: {
      role: kind === "group" ? "owner" : "member",
      read_up_to: last,
      visible_from: 0,
      unread: last - (mine?.read_up_to ?? last),
      is_mentioned: false,
      muted_until: null,
      blocks: false,
      ...mine,
    },
    messages: [...messages],
  };
}

/** Messages one minute apart, the last of them a minute ago. */
export function saidIn(id: number, lines: readonly (readonly [Person, string, Partial<Message>?])[]): Message[] {
  return lines.map(([sender, content, part], index) =>
    messageOf(id, index + 1, sender, content, {
      created_at: new Date(Date.now() - (lines.length - index) * 60_000).toISOString(),
      ...part,
    }),
  );
}

/** `count` messages of Awa's. */
export function manySaid(id: number, count: number): Message[] {
  return saidIn(
    id,
    Array.from({ length: count }, (_, index) => [AWA, `Message ${index + 1}`] as const),
  );
}
