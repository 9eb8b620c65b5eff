import type { Member } from "@carillon/client";
import { useState } from "react";

type Names = ReadonlyMap<string, string>;

function sameNames(names: Names, members: readonly Member[]): boolean {
  return names.size === members.length && members.every(({ person }) => names.get(person.id) === person.name);
}

/** Names by id; the same map until somebody comes, goes or changes their name: a read mark draws nothing anew. */
export function useNames(members: readonly Member[]): Names {
  const [names, setNames] = useState<Names>(new Map());
  if (sameNames(names, members)) return names;
  const next = new Map(members.map(({ person }) => [person.id, person.name]));
  setNames(next);
  return next;
}
