import { useCallback, useSyncExternalStore } from "react";
import { ticker } from "../clock.js";
import { useLabels } from "../context.js";
import { fullTime, shortTime } from "../format.js";

const OLD = 2 * 86_400_000;
const never = () => () => {};

/** How long ago something was; renders itself alone, and only when its words change. */
export function Time({ at }: { at: string }) {
  const labels = useLabels();
  const time = Date.parse(at);
  const words = useCallback(() => shortTime(time, ticker.getSnapshot(), labels), [time, labels]);
  const isOld = Date.now() - time > OLD;
  const text = useSyncExternalStore(isOld ? never : ticker.subscribe, words, words);
  const full = fullTime(time, labels);
  return (
    <time className="carillon-time" dateTime={at} title={full}>
      <span aria-hidden="true">{text}</span>
      <span className="carillon-visually-hidden">{full}</span>
    </time>
  );
}
