import type { NotificationsView } from "@carillon/client";
import { memo, type RefObject, useMemo, useRef } from "react";
import type { Chunk, Entry, Section } from "../entries.js";
import { sameEntries } from "../entries.js";
import { useLeaving } from "../hooks/useLeaving.js";
import { useNearby, useWatch, type Watch } from "../hooks/useNearby.js";
import { NotificationRow, type RowHandlers } from "./NotificationRow.js";

interface ChunkProps {
  entries: readonly Entry[];
  view: NotificationsView;
  /** Null unless it is in this chunk; the same for the next three. */
  current: string | null;
  active: string | null;
  expanded: string;
  pending: string;
  /** Drawn wherever the view is: the keyboard or the pointer is in it, or beside it. */
  isKept: boolean;
  isFirst: boolean;
  label: string;
  watch: Watch | null;
  handlers: RowHandlers;
}

/** What a row is high, until it was drawn. */
const ROW = 76;

function sameChunk(one: ChunkProps, other: ChunkProps): boolean {
  return (
    one.current === other.current &&
    one.active === other.active &&
    one.expanded === other.expanded &&
    one.pending === other.pending &&
    one.isKept === other.isKept &&
    one.view === other.view &&
    one.label === other.label &&
    one.watch === other.watch &&
    one.handlers === other.handlers &&
    sameEntries(one.entries, other.entries)
  );
}

/** Some rows that are compared, and drawn or not, together: the length of the list does not matter. */
const RowChunk = memo(function RowChunk(props: ChunkProps) {
  const { entries, view, current, active, expanded, pending, isKept, isFirst, label, watch, handlers } = props;
  const { ref, isNear, height } = useNearby(watch, isFirst);
  const isDrawn = isNear || isKept;
  return (
    <ul
      ref={ref}
      className="carillon-list-chunk carillon-plain"
      // biome-ignore lint/a11y/noRedundantRoles: without a marker Safari takes the role of a list away
      role="list"
      aria-label={label}
      aria-hidden={!isDrawn || undefined}
      style={isDrawn ? undefined : { blockSize: height ?? entries.length * ROW }}
    >
      {isDrawn &&
        entries.map((entry) => (
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
  /** Another list is drawn without a trace of the last. */
  list: unknown;
  scroller: RefObject<HTMLElement | null> | undefined;
  sections: readonly Section[];
  view: NotificationsView;
  currentId: string | null;
  activeId: string | null;
  expanded: ReadonlySet<string>;
  pending: ReadonlySet<string>;
  label: string;
  handlers: RowHandlers;
}

/** So many rows are drawn before it is known what is near. */
const FIRST = 20;

/** Rows under their headings; those far from view keep their place, and cost nothing. */
export function NotificationList(props: Props) {
  const { list, scroller, sections, view, currentId, activeId, expanded, pending, label, handlers } = props;
  const root = useRef<HTMLDivElement>(null);
  const watch = useWatch(scroller);
  const chunks = useMemo(() => sections.flatMap((section) => section.chunks), [sections]);
  useLeaving(root, list, () => new Set(chunks.flatMap((chunk) => chunk.entries.map((entry) => entry.id))));

  const placeOf = (id: string | null) =>
    id === null ? Number.NaN : chunks.findIndex((chunk) => chunk.entries.some((entry) => entry.id === id));
  const current = placeOf(currentId);
  const active = placeOf(activeId);
  const among = (chunk: Chunk, ids: ReadonlySet<string>) =>
    ids.size === 0
      ? ""
      : chunk.entries
          .filter((entry) => entry.all.some((item) => ids.has(item.id)))
          .map((entry) => entry.id)
          .join(" ");
  let index = -1;
  let above = 0;
  return (
    <div className="carillon-list" ref={root}>
      {sections.map(({ key, heading, chunks: own }) => (
        <div key={key}>
          {heading && <h2 className="carillon-list-heading">{heading}</h2>}
          {own.map((chunk) => {
            index += 1;
            above += chunk.entries.length;
            return (
              <RowChunk
                key={chunk.key}
                entries={chunk.entries}
                view={view}
                current={index === current ? currentId : null}
                active={index === active ? activeId : null}
                expanded={among(chunk, expanded)}
                pending={among(chunk, pending)}
                isKept={index === active || Math.abs(index - current) <= 1}
                isFirst={above - chunk.entries.length < FIRST}
                label={heading ?? label}
                watch={watch}
                handlers={handlers}
              />
            );
          })}
        </div>
      ))}
    </div>
  );
}
