import { describe, expect, it } from "vitest";
import { daySections, oneSection, sameEntries, toEntries } from "../src/entries";
import { dayHeading, dueTime, fullTime, hueOf, initials, shortTime, snoozeChoices } from "../src/format";
import { en, fr } from "../src/index";
import { atMost99 } from "../src/labels/plural";
import { answersOf, innerPath, safeUrl } from "../src/urls";
import { many, notification } from "./support/notifications";

const NOW = new Date(2026, 10, 21, 14, 30).getTime();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Versions of ICU differ in spaces, and in the comma after an English weekday. */
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, " ").replace("day,", "day");

describe("times", () => {
  it("are relative up to a day, then yesterday, then a date", () => {
    const ages = [-5000, 20_000, 61_000, 59 * MINUTE, 61 * MINUTE, 23.9 * HOUR, 26 * HOUR, 3 * DAY, 400 * DAY];
    expect(ages.map((age) => plain(shortTime(NOW - age, NOW, fr)))).toEqual([
      "à l’instant",
      "à l’instant",
      "il y a 1 min",
      "il y a 59 min",
      "il y a 1 h",
      "il y a 23 h",
      "hier",
      "18 nov.",
      "17 oct. 2025",
    ]);
    expect(shortTime(NOW - 2 * MINUTE, NOW, en)).toBe("2 min ago");
  });

  it("are told in full", () => {
    expect(plain(fullTime(NOW, fr))).toBe("samedi 21 novembre 2026 à 14:30");
    expect(plain(fullTime(NOW, en))).toBe("Saturday 21 November 2026 at 14:30");
  });

  it("are told as due", () => {
    expect(dueTime(NOW + HOUR, NOW, fr)).toBe("15:30");
    expect(dueTime(new Date(2026, 10, 23, 9).getTime(), NOW, fr)).toBe("lundi à 09:00");
    expect(plain(dueTime(NOW + 30 * DAY, NOW, en))).toBe("Monday 21 December 2026 at 14:30");
  });

  it("stand under days, this week from Monday", () => {
    const heads = [0, 1, 2, 5, 6, 40].map((days) => dayHeading(NOW - days * DAY, NOW, fr));
    expect(heads).toEqual([
      "Aujourd’hui",
      "Hier",
      "Cette semaine",
      "Cette semaine",
      "Plus tôt ce mois-ci",
      "Octobre 2026",
    ]);
  });

  it("to snooze until make sense at any hour", () => {
    const labels = (hour: number) => snoozeChoices(new Date(2026, 10, 21, hour).getTime(), en).map((one) => one.label);
    expect(labels(10)).toEqual(["For an hour", "Until this evening", "Until tomorrow morning", "Until Monday morning"]);
    expect(labels(18)).not.toContain("Until this evening");
    const sunday = snoozeChoices(new Date(2026, 10, 22, 12).getTime(), en);
    expect(sunday.map((one) => one.label)).not.toContain("Until Monday morning");
    for (const { until } of sunday) expect(until.getTime()).toBeGreaterThan(new Date(2026, 10, 22, 12).getTime());
  });
});

describe("small things", () => {
  it("stop counting at 99", () => {
    expect([1, 99, 100, 1234].map(atMost99)).toEqual(["1", "99", "99+", "99+"]);
  });

  it("make initials of any name", () => {
    const names = ["Alice Fontaine", "Maximilienne de La Rochefoucauld-Montbel", "Cher", "ليلى حداد", "élise", ""];
    expect(names.map(initials)).toEqual(["AF", "MR", "C", "لح", "É", ""]);
  });

  it("give everyone one of six grounds", () => {
    const hues = Array.from({ length: 200 }, (_, id) => hueOf(String(id)));
    expect(new Set(hues)).toEqual(new Set([1, 2, 3, 4, 5, 6]));
    expect(hueOf("42")).toBe(hueOf("42"));
  });

  it("open only what may be opened", () => {
    expect(["/a", "https://example.org", "mailto:a@b.c", "?x=1"].map(safeUrl)).not.toContain(null);
    expect(["javascript:alert(1)", "data:text/html,x", "", "http://[", 7, null].map(safeUrl)).toEqual(
      Array.from({ length: 6 }, () => null),
    );
    expect(innerPath(`${location.origin}/a?b#c`)).toBe("/a?b#c");
    expect(innerPath("//example.org/a")).toBeNull();
  });

  it("read at most three buttons from a notification, and none that opens a script", () => {
    const actions = [
      { label: "A", url: "/a" },
      { label: "B", url: "javascript:1" },
      { name: "yes", label: "C", style: "primary" },
      { label: "D", url: "/d" },
    ];
    expect(answersOf(notification(1, { data: { actions } }))).toEqual([
      { name: "", label: "A", style: "", url: "/a" },
      { name: "yes", label: "C", style: "primary", url: null },
    ]);
    expect(answersOf(notification(1, { data: { actions: "x" } }))).toEqual([]);
    expect(answersOf(notification(1, { data: { actions: [null, 3] } }))).toEqual([]);
  });
});

describe("entries", () => {
  it("fold a group behind its newest, in place", () => {
    const items = [4, 3, 2, 1].map((number) => notification(number, { group_key: number % 2 ? "odd" : "" }));
    expect(toEntries(items).map(({ all }) => all.map((item) => item.number))).toEqual([[4], [3, 1], [2]]);
  });

  it("keep their chunks when one comes on top, and when an older page comes below", () => {
    const all = toEntries(many(200));
    const chunks = (from: number, to: number) => oneSection(all.slice(from, to))[0]?.chunks ?? [];
    const sizes = chunks(0, 200).map((chunk) => chunk.entries.length);
    expect(Math.max(...sizes)).toBe(10);
    const [before, after] = [chunks(20, 110), chunks(19, 140)];
    const same = before.filter((chunk) =>
      after.some((one) => one.key === chunk.key && sameEntries(one.entries, chunk.entries)),
    );
    expect(same.length).toBeGreaterThanOrEqual(before.length - 2);
  });

  it("repeat no heading for what came back late", () => {
    const at = (days: number) => new Date(NOW - days * DAY).toISOString();
    const items = [0, 3, 0, 1].map((days, index) => notification(9 - index, { created_at: at(days) }));
    const today = new Date(NOW).setHours(0, 0, 0, 0);
    expect(daySections(toEntries(items), today, fr).map(({ heading }) => heading)).toEqual(["Aujourd’hui", "Hier"]);
  });
});
