import type { NotificationsView } from "@carillon/client";
import { memo } from "react";
import type { Chunk, Entry, Section } from "../entries.js";
import { sameEntries } from "../entries.js";
import { NotificationRow, type RowHandlers } from "./NotificationRow.js";

interface ChunkProps {
  entries: readonly Entry[];
  view: NotificationsView;
  /** Null unless it is in this chunk; the same for the next three. */
  current: string | null;
  active: string | null;
  expanded: string;
  pending: string;
  isFar: boolean;
  label: string;
  handlers: RowHandlers;
}

function sameChunk(one: ChunkProps, other: ChunkProps): boolean {
  return (
    one.current === other.current &&
    one.active === other.active &&
    one.expanded === other.expanded &&
    one.pending === other.pending &&
    one.isFar === other.isFar &&
    one.view === other.view &&
    one.label === other.label &&
    one.handlers === other.handlers &&
    sameEntries(one.entries, other.entries)
  );
}

/** Some rows that are compared, laid out and painted together, so that the length of the list does not matter. */
const RowChunk = memo(function RowChunk(props: ChunkProps) {
  const { entries, view, current, active, expanded, pending, isFar, label, handlers } = props;
  return (
    // biome-ignore lint/a11y/noRedundantRoles: without a marker Safari takes the role of a list away
    <ul className="carillon-list-chunk carillon-plain" role="list" aria-label={label} data-far={isFar || undefined}>
      {entries.map((entry) => (
        <NotificationRow
          key={entry.id}
          entry={entry}
          view={view}
          isCurrent={entry.id === current}
          isActive={entry.id === active || entry.id === current}
          isPending={pending.includes(entry.id)}
          isExpanded={expanded.includes(entry.id)}
          handlers={handlers}
        />
      ))}
    </ul>
  );
}, sameChunk);

interface Props {
  sections: readonly Section[];
  view: NotificationsView;
  currentId: string | null;
  activeId: string | null;
  expanded: ReadonlySet<string>;
  pending: ReadonlySet<string>;
  label: string;
  handlers: RowHandlers;
}

const NEAR = 3;

/** Rows under their headings. */
export function NotificationList(props: Props) {
  const { sections, view, currentId, activeId, expanded, pending, label, handlers } = props;
  let index = 0;
  const inside = (chunk: Chunk, id: string | null) =>
    id !== null && chunk.entries.some((entry) => entry.id === id) ? id : null;
  const among = (chunk: Chunk, ids: ReadonlySet<string>) =>
    ids.size === 0
      ? ""
      : chunk.entries
          .filter((entry) => entry.all.some((item) => ids.has(item.id)))
          .map((entry) => entry.id)
          .join(" ");
  return (
    <div className="carillon-list">
      {sections.map(({ key, heading, chunks }) => (
        <div key={key}>
          {heading && <h2 className="carillon-list-heading">{heading}</h2>}
          {chunks.map((chunk) => {
            index += 1;
            return (
              <RowChunk
                key={chunk.key}
                entries={chunk.entries}
                view={view}
                current={inside(chunk, currentId)}
                active={inside(chunk, activeId)}
                expanded={among(chunk, expanded)}
                pending={among(chunk, pending)}
                isFar={index > NEAR}
                label={heading ?? label}
                handlers={handlers}
              />
            );
          })}
        </div>
      ))}
    </div>
  );
}
