import { useLabels } from "../context.js";
import { Icon } from "./Icon.js";

/** "3 new ↑": what arrived waits above until it is asked for. */
export function NewPill({ count, onClick }: { count: number; onClick: () => void }) {
  const labels = useLabels();
  if (count === 0) return null;
  return (
    <button type="button" className="carillon-new-pill" onClick={onClick}>
      <Icon name="up" />
      {labels.newItems(count)}
    </button>
  );
}
