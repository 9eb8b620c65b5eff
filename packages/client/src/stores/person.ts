/** Who is signed in, for what belongs to one person and must never pass to the next. */
import type { CarillonClient } from "../api.js";

/** Calls `onLeft` when another person, or nobody, has taken the place of the one who was signed in; returns the end. */
export function watchPerson(client: CarillonClient, onLeft: () => void): () => void {
  let known: string | null = null;
  const watch = () => {
    const { status, person } = client.session.state.getSnapshot();
    const id = person?.id ?? null;
    const hasLeft = known !== null && id !== known && status !== "restoring";
    known = id ?? (hasLeft ? null : known);
    if (hasLeft) onLeft();
  };
  watch();
  return client.session.state.subscribe(watch);
}
