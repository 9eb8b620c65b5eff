import type { Notification, NotificationsView } from "@carillon/client";
import { type MouseEvent, memo } from "react";
import { useLabels } from "../context.js";
import type { Entry } from "../entries.js";
import { dueTime } from "../format.js";
import { safeUrl } from "../urls.js";
import { Face } from "./Face.js";
import { Icon } from "./Icon.js";
import { RowActions } from "./RowActions.js";
import { RowAnswers } from "./RowAnswers.js";
import { RowChildren } from "./RowChildren.js";
import { Time } from "./Time.js";

/** What rows ask of their list; the same object for the life of the list. */
export interface RowHandlers {
  readonly open: (entry: Entry, url: string | null, event: MouseEvent) => void;
  readonly openOne: (notification: Notification, url: string | null, event: MouseEvent) => void;
  readonly press: (notification: Notification, button: string) => void;
  readonly toggleRead: (entry: Entry) => void;
  readonly archive: (entry: Entry) => void;
  readonly snooze: (entry: Entry, anchor: HTMLElement) => void;
  readonly more: (entry: Entry, anchor: HTMLElement) => void;
  readonly toggleGroup: (id: string) => void;
  readonly activate: (id: string) => void;
}

export interface RowProps {
  readonly entry: Entry;
  readonly view: NotificationsView;
  /** Where the keyboard is. */
  readonly isCurrent: boolean;
  /** Pointed at or focused: only then are the floating actions in the page. */
  readonly isActive: boolean;
  /** Its write waits for the network. */
  readonly isPending: boolean;
  readonly isExpanded: boolean;
  readonly handlers: RowHandlers;
}

/** The sentence: the link that stretches over the row, the name of who acted a little heavier. */
function Sentence({ entry, isUnread, handlers }: { entry: Entry; isUnread: boolean; handlers: RowHandlers }) {
  const labels = useLabels();
  const { title, url: raw, actor, severity } = entry.head;
  const url = safeUrl(raw);
  const name = actor && title.startsWith(actor.name) ? actor.name : "";
  const words = (
    <>
      {name && <strong className="carillon-row-name">{name}</strong>}
      {title.slice(name.length)}
    </>
  );
  const open = (event: MouseEvent) => handlers.open(entry, url, event);
  return (
    <p className="carillon-row-text">
      {isUnread && <span className="carillon-visually-hidden">{labels.unreadPrefix}</span>}
      {labels.severities[severity] && <span className="carillon-visually-hidden">{labels.severities[severity]}</span>}
      {url ? (
        <a className="carillon-row-link" href={url} dir="auto" onClick={open}>
          {words}
        </a>
      ) : (
        <button type="button" className="carillon-row-link" dir="auto" onClick={open}>
          {words}
        </button>
      )}
    </p>
  );
}

/** When and from where; how many and who, for a group; what still waits. */
function Meta({ entry, view, isPending, isExpanded, handlers }: Omit<RowProps, "isCurrent" | "isActive">) {
  const labels = useLabels();
  const { head, all } = entry;
  return (
    <p className="carillon-row-meta">
      <Time at={head.created_at} />
      {all.length > 1 && (
        <span className="carillon-row-fact">
          <button
            type="button"
            className="carillon-link carillon-row-expand"
            aria-expanded={isExpanded}
            onClick={() => handlers.toggleGroup(entry.id)}
          >
            {isExpanded ? labels.hideGroup : labels.showGroup(all.length)}
          </button>
        </span>
      )}
      {labels.types[head.type] && <span className="carillon-row-fact">{labels.types[head.type]}</span>}
      {view === "snoozed" && head.snoozed_until && (
        <span className="carillon-row-fact">
          {labels.snoozedUntil(dueTime(Date.parse(head.snoozed_until), Date.now(), labels))}
        </span>
      )}
      {isPending && <span className="carillon-row-fact">{labels.pending}</span>}
    </p>
  );
}

/** One line under the sentence: what was said; for a group, how many and who. */
function Excerpt({ entry: { head, all } }: { entry: Entry }) {
  const labels = useLabels();
  const names = [...new Set(all.flatMap((item) => (item.actor ? [item.actor.name] : [])))];
  const isGroup = all.length > 1 && names.length > 1;
  const text = isGroup
    ? labels.groupSummary(all.length, labels.groupPeople(names.slice(0, 2), Math.max(0, names.length - 2)))
    : head.message;
  if (!text) return null;
  return (
    <p className="carillon-row-excerpt">
      <span dir="auto">{text}</span>
    </p>
  );
}

/** One notification: who, what and where in one sentence; one line of what was said; when. */
export const NotificationRow = memo(function NotificationRow(props: RowProps) {
  const { entry, view, isCurrent, isActive, isPending, isExpanded, handlers } = props;
  const labels = useLabels();
  const { head, all } = entry;
  const isUnread = all.some((item) => !item.is_read);
  return (
    <li className="carillon-item carillon-plain" data-id={entry.id}>
      <article
        className="carillon-row"
        data-unread={isUnread || undefined}
        data-current={isCurrent || undefined}
        aria-busy={isPending || undefined}
        onPointerEnter={() => handlers.activate(entry.id)}
        onFocus={() => handlers.activate(entry.id)}
      >
        <Face notification={head} />
        <div className="carillon-row-body">
          <Sentence entry={entry} isUnread={isUnread} handlers={handlers} />
          <Excerpt entry={entry} />
          <Meta entry={entry} view={view} isPending={isPending} isExpanded={isExpanded} handlers={handlers} />
        </div>
        <RowAnswers notification={head} handlers={handlers} />
        <div className="carillon-row-end">
          <div className="carillon-row-actions">
            {isActive && <RowActions entry={entry} view={view} isUnread={isUnread} handlers={handlers} />}
            <button
              type="button"
              className="carillon-icon-button carillon-row-more"
              aria-label={labels.more}
              title={labels.more}
              aria-haspopup="menu"
              onClick={(event) => handlers.more(entry, event.currentTarget)}
            >
              <Icon name="more" />
            </button>
          </div>
        </div>
        {isExpanded && <RowChildren items={all} handlers={handlers} />}
      </article>
    </li>
  );
});
