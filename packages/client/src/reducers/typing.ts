/** Who is typing: each word of it holds for six seconds by the client's own clock. */
import type { Person } from "../protocol.js";

/** The server says nothing when somebody closes the lid: without a refresh they have stopped. */
export const TYPING_FOR = 6_000;

export interface Typist {
  person: Person;
  /** Milliseconds since 1970 by this client's clock. */
  until: number;
}

/** The typists after one of them was heard of at `now`; in the order in which they began. */
export function heard(typists: readonly Typist[], person: Person, isTyping: boolean, now: number): readonly Typist[] {
  if (!isTyping) return stopped(typists, person.id);
  const typist = { person, until: now + TYPING_FOR };
  const index = typists.findIndex((one) => one.person.id === person.id);
  return index < 0 ? [...typists, typist] : typists.with(index, typist);
}

/** Without the person: they stopped, sent it, or left. */
export function stopped(typists: readonly Typist[], person: string): readonly Typist[] {
  return kept(typists, (one) => one.person.id !== person);
}

/** Without those who were not heard of for too long. */
export function expired(typists: readonly Typist[], now: number): readonly Typist[] {
  return kept(typists, ({ until }) => until > now);
}

function kept(typists: readonly Typist[], stays: (typist: Typist) => boolean): readonly Typist[] {
  const left = typists.filter(stays);
  return left.length === typists.length ? typists : left;
}
