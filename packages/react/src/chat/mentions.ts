/** Finding the person whom an @ before the caret begins to name. */
import type { Person } from "@carillon/client";

export interface MentionChoice {
  /** Id of a person, or `*` for everybody. */
  readonly id: string;
  /** What is written after the @. */
  readonly written: string;
  /** Null for everybody. */
  readonly person: Person | null;
}

const MOST = 7;
/** An @ at a word's beginning, and at most three words after it. */
const OPEN = /(?:^|[\s("'«“‘[{])@((?:[\p{L}\p{N}_.’'-]+(?: (?=\S))?){0,3})$/u;

const fold = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** The words after the @ before `caret`, and where the @ stands; null where none is being written. */
export function openMention(text: string, caret: number): { from: number; words: string } | null {
  const before = text.slice(Math.max(0, caret - 80), caret);
  const words = OPEN.exec(before)?.[1];
  return words === undefined ? null : { from: caret - words.length - 1, words };
}

/** Whom `words` may mean; `everybody` is what all are called after an @, null where nobody may call them. Names that begin with them come before names of which a later word does. */
export function mentionChoices(words: string, people: readonly Person[], everybody: string | null): MentionChoice[] {
  const wanted = fold(words.trim());
  const rank = (name: string) => {
    const folded = fold(name);
    if (folded.startsWith(wanted)) return 0;
    return folded.split(/[\s-]+/).some((word) => word.startsWith(wanted)) ? 1 : 2;
  };
  const found = people
    .map((person) => ({ person, rank: rank(person.name) }))
    .filter((one) => one.rank < 2)
    .sort((one, other) => one.rank - other.rank || one.person.name.localeCompare(other.person.name))
    .map(({ person }) => ({ id: person.id, written: person.name, person }));
  const all = everybody?.startsWith(wanted) ? [{ id: "*", written: everybody, person: null }] : [];
  return [...found.slice(0, MOST - all.length), ...all];
}

/** `text` with the open mention replaced, and where the caret then stands. */
export function insertMention(text: string, caret: number, choice: MentionChoice): { text: string; caret: number } {
  const open = openMention(text, caret);
  if (!open) return { text, caret };
  const written = `@${choice.written} `;
  const after = text.slice(caret).replace(/^ /, "");
  return { text: text.slice(0, open.from) + written + after, caret: open.from + written.length };
}
