/** The lines of a thread: messages in groups of one author, days, the divider of what is new. */
import type { Member, Message, MessageItem } from "@carillon/client";
import { dayOf } from "./format.js";

export type ThreadRow =
  | { readonly kind: "day"; readonly key: string; readonly time: number }
  | { readonly kind: "new"; readonly key: string; readonly count: number }
  | { readonly kind: "system"; readonly key: string; readonly item: MessageItem }
  | {
      readonly kind: "message";
      readonly key: string;
      readonly item: MessageItem;
      /** Follows one of the same author within five minutes: no name and time. */
      readonly isGrouped: boolean;
      /** Nothing of the same group follows: the face stands here. */
      readonly isLast: boolean;
    };

/** The key of the divider of what is new. */
export const NEW_KEY = "new";

const GROUP_WITHIN = 5 * 60_000;
const times = new WeakMap<Message, number>();

/** When a message was written, in milliseconds; read once. */
export function timeOf(message: Message): number {
  const known = times.get(message);
  if (known !== undefined) return known;
  const time = Date.parse(message.created_at);
  times.set(message, time);
  return time;
}

const isSystem = ({ message }: MessageItem) => message.kind === "system";

function isSameGroup(one: MessageItem | undefined, other: MessageItem | undefined, divider: number | null): boolean {
  if (!one || !other || isSystem(one) || isSystem(other)) return false;
  if (one.isMine !== other.isMine || one.message.sender?.id !== other.message.sender?.id) return false;
  if (divider !== null && other.message.seq === divider) return false;
  const [before, after] = [timeOf(one.message), timeOf(other.message)];
  return after - before < GROUP_WITHIN && dayOf(before) === dayOf(after);
}

function countNew(items: readonly MessageItem[], divider: number): number {
  let count = 0;
  for (let index = items.length - 1; index >= 0; index -= 1) {
    const item = items[index];
    if (!item || (item.message.seq !== 0 && item.message.seq < divider)) break;
    if (!item.isMine && !isSystem(item)) count += 1;
  }
  return Math.max(1, count);
}

/** Lays items out as rows; `divider` is the seq of the first new message, `missing` how many new ones are not loaded. */
export function toRows(items: readonly MessageItem[], divider: number | null, missing = 0): ThreadRow[] {
  const rows: ThreadRow[] = [];
  let day = Number.NaN;
  // What stands right over the present item: it breaks a group.
  let joins = false;
  for (let index = 0; index < items.length; index += 1) {
    const item = items[index] as MessageItem;
    const time = timeOf(item.message);
    if (!(time >= day && time < day + 82_800_000) && dayOf(time) !== day) {
      // A message that was composed before the one above it (offline, another clock) opens no day of the past.
      if (!(dayOf(time) < day)) {
        day = dayOf(time);
        rows.push({ kind: "day", key: `day:${day}`, time });
        joins = false;
      }
    }
    if (divider !== null && item.message.seq === divider) {
      rows.push({ kind: "new", key: NEW_KEY, count: countNew(items, divider) + missing });
      joins = false;
    }
    if (isSystem(item)) {
      rows.push({ kind: "system", key: item.key, item });
      joins = false;
      continue;
    }
    const next = isSameGroup(item, items[index + 1], divider);
    rows.push({ kind: "message", key: item.key, item, isGrouped: joins, isLast: !next });
    joins = next;
  }
  return rows;
}

/** Faces at one message: who has read just so far, without its own author. */
export function facesAt(
  readers: ReadonlyMap<number, readonly Member[]>,
  message: Message,
): readonly Member[] | undefined {
  const all = message.seq > 0 ? readers.get(message.seq) : undefined;
  if (!all?.some(({ person }) => person.id === message.sender?.id)) return all;
  return all.filter(({ person }) => person.id !== message.sender?.id);
}

/** About how high a row is, in pixels, until it was drawn. */
export function guessHeight(row: ThreadRow): number {
  if (row.kind !== "message") return row.kind === "system" ? 36 : 40;
  const { content, reactions, reply_to: quote } = row.item.message;
  const lines = Math.min(20, Math.max(1, Math.ceil(content.length / 62)));
  return 16 + lines * 20 + (row.isGrouped ? 2 : 38) + (reactions.length > 0 ? 30 : 0) + (quote ? 42 : 0);
}
