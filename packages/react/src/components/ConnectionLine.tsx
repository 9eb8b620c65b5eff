import { useLabels } from "../context.js";
import { type ConnectionPhase, useConnection } from "../hooks/useConnection.js";
import type { Labels } from "../labels.js";
import { Icon } from "./Icon.js";

const WORDS: Record<Exclude<ConnectionPhase, "quiet">, (labels: Labels) => string> = {
  reconnecting: (labels) => labels.reconnecting,
  offline: (labels) => labels.offline,
  "gave-up": (labels) => labels.gaveUp,
  ended: (labels) => labels.ended,
};

/** Nothing while all is well; a quiet line after 2 s without a socket, with a button after 10 s. */
export function ConnectionLine() {
  const labels = useLabels();
  const { phase, retry } = useConnection();
  const mayRetry = phase === "offline" || phase === "gave-up";
  return (
    <div role="status">
      {phase !== "quiet" && (
        <div className="carillon-connection">
          <Icon name="offline" />
          <span>{WORDS[phase](labels)}</span>
          {mayRetry && (
            <button type="button" className="carillon-button" data-kind="quiet" data-size="small" onClick={retry}>
              <Icon name="retry" />
              {labels.retry}
            </button>
          )}
        </div>
      )}
    </div>
  );
}
