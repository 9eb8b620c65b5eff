import type { Labels } from "./labels.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

interface Formats {
  relative: Intl.RelativeTimeFormat;
  day: Intl.DateTimeFormat;
  dayYear: Intl.DateTimeFormat;
  full: Intl.DateTimeFormat;
  clock: Intl.DateTimeFormat;
  weekday: Intl.DateTimeFormat;
  month: Intl.DateTimeFormat;
}

const formats = new Map<string, Formats>();

function formatsOf(locale: string): Formats {
  let known = formats.get(locale);
  if (!known) {
    known = {
      relative: new Intl.RelativeTimeFormat(locale, { style: "short", numeric: "always" }),
      day: new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" }),
      dayYear: new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric" }),
      full: new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "short" }),
      clock: new Intl.DateTimeFormat(locale, { timeStyle: "short" }),
      weekday: new Intl.DateTimeFormat(locale, { weekday: "long" }),
      month: new Intl.DateTimeFormat(locale, { month: "long", year: "numeric" }),
    };
    formats.set(locale, known);
  }
  return known;
}

function startOfDay(time: number): number {
  const date = new Date(time);
  date.setHours(0, 0, 0, 0);
  return date.getTime();
}

/** Whole local days from `time` to `now`: 0 today, 1 yesterday; a day of 23 or 25 hours counts as one. */
function daysAgo(time: number, now: number): number {
  return Math.round((startOfDay(now) - startOfDay(time)) / DAY);
}

/** How long ago `time` is: relative up to a day, "yesterday", then a date. A time slightly ahead of our clock is "just now". */
export function shortTime(time: number, now: number, labels: Labels): string {
  const { relative, day, dayYear } = formatsOf(labels.locale);
  const age = now - time;
  if (age < 45_000) return labels.now;
  if (age < 59.5 * MINUTE) return relative.format(-Math.max(1, Math.round(age / MINUTE)), "minute");
  if (age < DAY) return relative.format(-Math.max(1, Math.floor(age / HOUR)), "hour");
  if (daysAgo(time, now) === 1) return labels.yesterday.toLocaleLowerCase(labels.locale);
  return (new Date(time).getFullYear() === new Date(now).getFullYear() ? day : dayYear).format(time);
}

/** The full local date and time, for a tooltip and for screen readers. */
export function fullTime(time: number, labels: Labels): string {
  return formatsOf(labels.locale).full.format(time);
}

/** When something is due: the clock time today, the weekday within six days, else the full date. */
export function dueTime(time: number, now: number, labels: Labels): string {
  const { clock, weekday, full } = formatsOf(labels.locale);
  const days = -daysAgo(time, now);
  if (days === 0) return clock.format(time);
  if (days > 0 && days < 7) return labels.dayAt(weekday.format(time), clock.format(time));
  return full.format(time);
}

/** The heading under which a list puts `time`: today, yesterday, this week (from Monday), this month, or month and year. */
export function dayHeading(time: number, now: number, labels: Labels): string {
  const days = daysAgo(time, now);
  if (days <= 0) return labels.today;
  if (days === 1) return labels.yesterday;
  const today = new Date(now);
  const sinceMonday = (today.getDay() + 6) % 7;
  if (days <= sinceMonday) return labels.thisWeek;
  const date = new Date(time);
  if (date.getMonth() === today.getMonth() && date.getFullYear() === today.getFullYear()) return labels.thisMonth;
  const text = formatsOf(labels.locale).month.format(time);
  return text.charAt(0).toLocaleUpperCase(labels.locale) + text.slice(1);
}

/** The letters of a name for a face without a picture: first and last word, particles skipped. */
export function initials(name: string): string {
  const words = name.split(/\s+/).filter((word) => /^\p{Lu}|^\p{Lo}/u.test(word));
  const [first, last] = [words[0] ?? name.trim(), words.length > 1 ? words[words.length - 1] : undefined];
  const letter = (word: string | undefined) => (word ? ([...word][0] ?? "") : "");
  return (letter(first) + letter(last)).toLocaleUpperCase();
}

/** One of six quiet grounds, always the same for the same id. */
export function hueOf(id: string): number {
  let hash = 0;
  for (const char of id) hash = (hash * 31 + char.charCodeAt(0)) >>> 0;
  return (hash % 6) + 1;
}

/** The moments a notification may be put off to; this evening is left out from 17:00 on. */
export function snoozeChoices(now: number, labels: Labels): { label: string; until: Date }[] {
  const at = (days: number, hour: number) => {
    const date = new Date(now);
    date.setDate(date.getDate() + days);
    date.setHours(hour, 0, 0, 0);
    return date;
  };
  const today = new Date(now);
  const toMonday = (8 - today.getDay()) % 7 || 7;
  const choices = [{ label: labels.inAnHour, until: new Date(now + HOUR) }];
  if (today.getHours() < 17) choices.push({ label: labels.thisEvening, until: at(0, 18) });
  choices.push({ label: labels.tomorrowMorning, until: at(1, 9) });
  if (toMonday > 1) choices.push({ label: labels.nextMonday, until: at(toMonday, 9) });
  return choices;
}
