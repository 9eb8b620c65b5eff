/** Times of the chat, and the names of what people see. */
import type { Conversation, Person } from "@carillon/client";
import type { ChatWords } from "./words.js";

const DAY = 86_400_000;

interface Formats {
  clock: Intl.DateTimeFormat;
  day: Intl.DateTimeFormat;
  dayYear: Intl.DateTimeFormat;
  shortWeekday: Intl.DateTimeFormat;
  weekday: Intl.DateTimeFormat;
  long: Intl.DateTimeFormat;
  longYear: Intl.DateTimeFormat;
  full: Intl.DateTimeFormat;
  relative: Intl.RelativeTimeFormat;
}

const formats = new Map<string, Formats>();

function formatsOf(locale: string): Formats {
  const known = formats.get(locale);
  if (known) return known;
  const of = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, options);
  const made: Formats = {
    clock: of({ hour: "2-digit", minute: "2-digit" }),
    day: of({ day: "numeric", month: "short" }),
    dayYear: of({ day: "numeric", month: "short", year: "numeric" }),
    shortWeekday: of({ weekday: "short" }),
    weekday: of({ weekday: "long" }),
    long: of({ weekday: "long", day: "numeric", month: "long" }),
    longYear: of({ weekday: "long", day: "numeric", month: "long", year: "numeric" }),
    full: of({ dateStyle: "full", timeStyle: "short" }),
    relative: new Intl.RelativeTimeFormat(locale, { numeric: "always" }),
  };
  formats.set(locale, made);
  return made;
}

/** The start of the local day of `time`, as a number. */
export function dayOf(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0);
}

const daysAgo = (time: number, now: number) => Math.round((dayOf(now) - dayOf(time)) / DAY);
const isThisYear = (time: number, now: number) => new Date(time).getFullYear() === new Date(now).getFullYear();
const capital = (text: string, locale: string) => text.charAt(0).toLocaleUpperCase(locale) + text.slice(1);

/** The time of day. */
export function clockTime(time: number, words: ChatWords): string {
  return formatsOf(words.locale).clock.format(time);
}

/** Date and time in full, for tooltips and screen readers. */
export function fullMoment(time: number, words: ChatWords): string {
  return formatsOf(words.locale).full.format(time);
}

/** For a line of the list: the time today, "yesterday", the weekday, else the date. */
export function rowTime(time: number, now: number, words: ChatWords): string {
  const { day, dayYear, shortWeekday } = formatsOf(words.locale);
  const days = daysAgo(time, now);
  if (days <= 0) return clockTime(time, words);
  if (days === 1) return words.yesterday.toLocaleLowerCase(words.locale);
  if (days < 7) return shortWeekday.format(time);
  return (isThisYear(time, now) ? day : dayYear).format(time);
}

/** For a separator in the thread: "Today", "Yesterday", else weekday and date. */
export function dayTitle(time: number, now: number, words: ChatWords): string {
  const { long, longYear } = formatsOf(words.locale);
  const days = daysAgo(time, now);
  if (days === 0) return words.today;
  if (days === 1) return words.yesterday;
  return capital((isThisYear(time, now) ? long : longYear).format(time), words.locale);
}

/** When somebody was here last, to stand within a sentence. */
export function lastSeenTime(time: number, now: number, words: ChatWords): string {
  const { relative, weekday, day, dayYear } = formatsOf(words.locale);
  const minutes = Math.max(0, Math.round((now - time) / 60_000));
  if (minutes === 0) return words.now;
  if (minutes < 60) return relative.format(-minutes, "minute");
  const days = daysAgo(time, now);
  const named = (text: string) => words.dayAt(text.toLocaleLowerCase(words.locale), clockTime(time, words));
  if (days === 0) return named(words.today);
  if (days === 1) return named(words.yesterday);
  if (days < 7) return words.dayAt(weekday.format(time), clockTime(time, words));
  return (isThisYear(time, now) ? day : dayYear).format(time);
}

/** What a person is called within a few words: the first word of the name, or all of it where that is short. */
export function shortName(person: Person): string {
  const [first = person.name] = person.name.split(/\s+/);
  return first.length > 1 ? first : person.name;
}

/** Whether the other of two has no account any more: a direct conversation cannot be left otherwise. */
export function isDeserted(conversation: Conversation): boolean {
  return conversation.kind === "direct" && conversation.member_count < 2;
}

/** What a conversation is called: its title, else the names of the others. */
export function titleOf(conversation: Conversation, others: readonly Person[], words: ChatWords): string {
  if (conversation.title) return conversation.title;
  if (others.length === 0) return isDeserted(conversation) ? words.deletedAccount : words.untitled;
  return new Intl.ListFormat(words.locale, { type: "conjunction" }).format(others.map((person) => person.name));
}
