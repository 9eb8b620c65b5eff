import type { Notification } from "@carillon/client";
import { dayHeading } from "./format.js";
import type { Labels } from "./labels.js";

/** One row: a notification, with the older ones of its group folded behind it. */
export interface Entry {
  readonly id: string;
  readonly head: Notification;
  /** Head first, then the others from newest to oldest. */
  readonly all: readonly Notification[];
}

/** Rows that are laid out, painted and compared together. */
export interface Chunk {
  readonly key: string;
  readonly entries: readonly Entry[];
}

export interface Section {
  readonly key: string;
  /** Null in a list without day headings. */
  readonly heading: string | null;
  readonly chunks: readonly Chunk[];
}

const CHUNK = 10;
const DAY = 86_400_000;

/** Folds notifications of the same `group_key` behind the newest of them; the order stays. */
export function toEntries(items: readonly Notification[]): Entry[] {
  const groups = new Map<string, Notification[]>();
  const entries: { id: string; head: Notification; all: Notification[] }[] = [];
  for (const item of items) {
    const group = item.group_key ? groups.get(item.group_key) : undefined;
    if (group) {
      group.push(item);
      continue;
    }
    const all = [item];
    if (item.group_key) groups.set(item.group_key, all);
    entries.push({ id: item.id, head: item, all });
  }
  return entries;
}

const parsed = new WeakMap<Notification, number>();

function timeOf(notification: Notification): number {
  const known = parsed.get(notification);
  if (known !== undefined) return known;
  const time = Date.parse(notification.created_at);
  parsed.set(notification, time);
  return time;
}

/** For each entry the latest time at or after its place, so that one that came back late does not repeat a heading. */
function timesInOrder(entries: readonly Entry[]): number[] {
  const times = entries.map((entry) => timeOf(entry.head));
  for (let index = times.length - 2; index >= 0; index -= 1) {
    times[index] = Math.max(times[index] ?? 0, times[index + 1] ?? 0);
  }
  return times;
}

/** Cut by number, so that neither an arrival on top nor an older page below moves a row to another chunk. */
function toChunks(key: string, entries: readonly Entry[]): Chunk[] {
  const chunks: { key: string; entries: Entry[] }[] = [];
  let last = Number.NaN;
  for (const entry of entries) {
    const place = Math.floor(entry.head.number / CHUNK);
    if (place !== last) chunks.push({ key: `${key}:${place}`, entries: [] });
    last = place;
    chunks.at(-1)?.entries.push(entry);
  }
  return chunks;
}

/** The whole list as one section without a heading. */
export function oneSection(entries: readonly Entry[]): Section[] {
  return entries.length === 0 ? [] : [{ key: "all", heading: null, chunks: toChunks("all", entries) }];
}

/** The list under its day headings; `today` is the start of the local day. */
export function daySections(entries: readonly Entry[], today: number, labels: Labels): Section[] {
  const sections: Section[] = [];
  let heading = "";
  let startOfDay = Number.POSITIVE_INFINITY;
  let first = 0;
  const close = (end: number) => {
    if (end > first) sections.push({ key: heading, heading, chunks: toChunks(heading, entries.slice(first, end)) });
    first = end;
  };
  timesInOrder(entries).forEach((time, index) => {
    if (time >= startOfDay) return;
    startOfDay = new Date(time).setHours(0, 0, 0, 0);
    const next = dayHeading(time, today + DAY / 2, labels);
    if (next === heading) return;
    close(index);
    heading = next;
  });
  close(entries.length);
  return sections;
}

/** True when two lists hold the same rows, each member the same object. */
export function sameEntries(one: readonly Entry[], other: readonly Entry[]): boolean {
  if (one === other) return true;
  return (
    one.length === other.length &&
    one.every((entry, index) => {
      const twin = other[index];
      return (
        twin !== undefined &&
        entry.all.length === twin.all.length &&
        entry.all.every((item, member) => item === twin.all[member])
      );
    })
  );
}
