import type { RefObject } from "react";
import { useLabels } from "../context.js";
import { ConnectionLine } from "./ConnectionLine.js";
import { Icon } from "./Icon.js";
import { NewPill } from "./NewPill.js";

interface Props {
  search: RefObject<HTMLInputElement | null>;
  words: string;
  onWords: (words: string) => void;
  /** Null in boxes that have no unread filter. */
  isUnreadOnly: boolean | null;
  onUnreadOnly: (isOn: boolean) => void;
  hasUnread: boolean;
  onMarkAll: () => void;
  newCount: number;
  onShowNew: () => void;
}

/** Search, the choice between all and unread, the state of the connection; the pill hangs from it and pushes nothing. */
export function CenterToolbar(props: Props) {
  const { search, words, onWords, isUnreadOnly, onUnreadOnly, hasUnread, onMarkAll, newCount, onShowNew } = props;
  const labels = useLabels();
  return (
    <div className="carillon-bar">
      <div className="carillon-toolbar">
        <label className="carillon-search">
          <Icon name="search" />
          <input
            ref={search}
            className="carillon-input"
            type="search"
            placeholder={labels.search}
            aria-label={labels.search}
            value={words}
            onChange={(event) => onWords(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === "Escape" && !words) event.currentTarget.blur();
            }}
          />
        </label>
        <div className="carillon-toolbar-end">
          {isUnreadOnly !== null && (
            // biome-ignore lint/a11y/useSemanticElements: a fieldset would bring a border and a legend
            <div className="carillon-segments" role="group" aria-label={labels.show}>
              {[false, true].map((isOn) => (
                <button
                  key={String(isOn)}
                  type="button"
                  className="carillon-segment"
                  aria-pressed={isUnreadOnly === isOn}
                  onClick={() => onUnreadOnly(isOn)}
                >
                  {isOn ? labels.unread : labels.all}
                </button>
              ))}
            </div>
          )}
          {hasUnread && (
            <button
              type="button"
              className="carillon-icon-button carillon-only-phone"
              aria-label={labels.markAll}
              title={labels.markAll}
              onClick={onMarkAll}
            >
              <Icon name="checks" />
            </button>
          )}
        </div>
      </div>
      <ConnectionLine />
      <div className="carillon-pill-strip">
        <NewPill count={newCount} onClick={onShowNew} />
      </div>
    </div>
  );
}
