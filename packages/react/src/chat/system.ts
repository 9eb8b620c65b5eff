import type { Person, System } from "@carillon/client";
import type { ChatWords } from "./words.js";

export interface SystemSentence {
  readonly text: string;
  /** The names in it, for emphasis. */
  readonly names: readonly string[];
}

/** What happened, as one sentence; the reader is "you". */
export function systemSentence(note: System, me: string | undefined, words: ChatWords): SystemSentence {
  const nameOf = (person: Person | null) => person?.name ?? words.someone;
  const who = note.actor?.id === me && me !== undefined ? words.you : nameOf(note.actor);
  const people = note.people.map((person) => (person.id === me ? words.youToo : person.name || words.aDeletedAccount));
  const sentence = words.system[note.type];
  const isMine = note.actor?.id === me;
  const text = sentence(who, people, note.title, isMine);
  const names = [nameOf(note.actor), ...people].filter((name) => name !== words.aDeletedAccount);
  const isNamed = note.people.every((person) => person.name !== "");
  return { text: isNamed ? text : text.charAt(0).toUpperCase() + text.slice(1), names };
}

/** `text` in pieces, each name of `names` in it apart. */
export function piecesOf(text: string, names: readonly string[]): { text: string; isName: boolean }[] {
  const wanted = [...new Set(names)].filter(Boolean).sort((one, other) => other.length - one.length);
  if (wanted.length === 0) return [{ text, isName: false }];
  const escaped = wanted.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const split = text.split(new RegExp(`(${escaped.join("|")})`));
  return split.map((piece, index) => ({ text: piece, isName: index % 2 === 1 })).filter((piece) => piece.text !== "");
}
