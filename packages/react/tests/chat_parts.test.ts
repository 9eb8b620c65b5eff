import type { MessageItem } from "@carillon/client";
import { describe, expect, it } from "vitest";
import { EMOJI_GROUPS, findEmoji } from "../src/chat/emoji";
import { dayTitle, lastSeenTime, rowTime } from "../src/chat/format";
import { Places } from "../src/chat/heights";
import { insertMention, mentionChoices, openMention } from "../src/chat/mentions";
import { isEmojiAlone } from "../src/chat/quick";
import { refusalText } from "../src/chat/refusals";
import { facesAt, toRows } from "../src/chat/rows";
import { piecesOf, systemSentence } from "../src/chat/system";
import { chatEn, chatFr, createChatLabels, en, fr } from "../src/index";
import { messageOf } from "./support/chat_client";
import { ALICE, AWA, BRUNO, MAX } from "./support/talks";

const words = { ...fr, ...chatFr };
const NOON = new Date(2026, 10, 20, 12, 0).getTime();
const MINUTE = 60_000;

function item(seq: number, sender = AWA, time = NOON + seq * MINUTE): MessageItem {
  const message = messageOf(1, seq, sender, `m${seq}`, { created_at: new Date(time).toISOString() });
  return { key: `k${seq}`, message, delivery: "sent", failure: null, isMine: sender === ALICE, isChanging: false };
}

it("a refusal is told in the language of the page; one that we do not know, in the host's own words", () => {
  const refused = (code: string) => ({ code, message: "Only owners can give roles." });
  expect(refusalText(refused("forbidden"), words, words.refusedFor)).toBe(
    "Vous n’en avez pas le droit dans cette conversation.",
  );
  expect(refusalText(refused("paused"), words, words.refusedFor)).toBe("Only owners can give roles.");
  expect(refusalText(refused("forbidden"), { ...en, ...chatEn }, chatEn.refusedFor)).toBe(
    "Only owners can give roles.",
  );
});

describe("rows of a thread", () => {
  const shape = (items: MessageItem[], divider: number | null = null) =>
    toRows(items, divider).map((row) =>
      row.kind === "message" ? `${row.key}${row.isGrouped ? "+" : ""}${row.isLast ? "." : ""}` : row.kind,
    );

  it("groups one author within five minutes", () => {
    expect(shape([item(1), item(2), item(3, BRUNO), item(10, BRUNO)])).toEqual(["day", "k1", "k2+.", "k3.", "k10."]);
  });

  it("begins each day with its date, and a group never spans two", () => {
    const midnight = new Date(2026, 10, 21, 0, 0).getTime();
    expect(shape([item(1, AWA, midnight - MINUTE), item(2, AWA, midnight + MINUTE)])).toEqual([
      "day",
      "k1.",
      "day",
      "k2.",
    ]);
  });

  it("opens no day of the past for a message of a slow clock", () => {
    expect(shape([item(1), item(2, BRUNO, NOON - 86_400_000)])).toEqual(["day", "k1.", "k2."]);
  });

  it("divides before the first new message, which begins a group, and counts what others said", () => {
    const rows = toRows([item(1), item(2), item(3, ALICE), item(4, BRUNO)], 2);
    expect(rows.map((row) => row.kind)).toEqual(["day", "message", "new", "message", "message", "message"]);
    expect(rows[2]).toMatchObject({ count: 2 });
  });

  it("shows no face at its own message", () => {
    const member = (person: typeof AWA) => ({
      person,
      role: "member" as const,
      joined_at: "",
      read_up_to: 1,
      read_at: null,
    });
    const readers = new Map([[1, [member(AWA), member(BRUNO)]]]);
    expect(facesAt(readers, item(1).message)?.map(({ person }) => person.name)).toEqual(["Bruno Kouassi"]);
    expect(facesAt(readers, item(2).message)).toBeUndefined();
  });
});

describe("places", () => {
  it("finds rows by offset, before and after heights are known", () => {
    const rows = Array.from({ length: 1000 }, (_, index) => ({ key: `k${index}` }));
    const places = new Places(rows, () => 50);
    expect([places.total, places.at(0), places.at(124), places.at(1e9), places.at(-5)]).toEqual([50_000, 0, 2, 999, 0]);
    places.set(1, 100);
    expect([places.top(2), places.total, places.at(149), places.at(150)]).toEqual([150, 50_050, 1, 2]);
    expect([places.indexOf("k7"), places.indexOf("nobody"), places.keyAt(3)]).toEqual([7, -1, "k3"]);
  });

  it("is empty without rows", () => {
    const places = new Places([], () => 50);
    expect([places.total, places.top(0)]).toEqual([0, 0]);
  });
});

describe("mentions", () => {
  const people = [AWA, BRUNO, MAX];

  it("open at an @ that begins a word, with at most three words", () => {
    expect(openMention("Merci @aw", 9)).toEqual({ from: 6, words: "aw" });
    expect(openMention("@", 1)).toEqual({ from: 0, words: "" });
    expect(openMention("a@b.fr", 6)).toBeNull();
    expect(openMention("@Awa Diallo, merci", 18)).toBeNull();
  });

  it("find names by any of their words, without regard for accents or capitals", () => {
    const found = (text: string) => mentionChoices(text, people, "tous").map((choice) => choice.written);
    expect(found("")).toEqual(["Awa Diallo", "Bruno Kouassi", MAX.name, "tous"]);
    expect(found("kou")).toEqual(["Bruno Kouassi"]);
    expect(found("MONT")).toEqual([MAX.name]);
    expect(found("to")).toEqual(["tous"]);
    expect(mentionChoices("to", people, null)).toEqual([]);
  });

  it("are written whole, with the caret behind them", () => {
    const [choice] = mentionChoices("aw", people, null);
    if (!choice) throw new Error("nobody");
    expect(insertMention("Oui @aw merci", 7, choice)).toEqual({ text: "Oui @Awa Diallo merci", caret: 16 });
  });
});

describe("words", () => {
  it("tell times as one does", () => {
    const now = NOON;
    expect(rowTime(now - MINUTE, now, words)).toMatch(/^\d\d:\d\d$/);
    expect(rowTime(now - 86_400_000, now, words)).toBe("hier");
    expect(rowTime(now - 3 * 86_400_000, now, words)).toBe("mar.");
    expect(dayTitle(now, now, words)).toBe("Aujourd’hui");
    expect(dayTitle(now - 3 * 86_400_000, now, words)).toBe("Mardi 17 novembre");
    expect(lastSeenTime(now - 86_400_000, now, words)).toMatch(/^hier à \d\d:\d\d$/);
    expect(lastSeenTime(now - 5 * MINUTE, now, words)).toBe("il y a 5 minutes");
  });

  it("set names apart, also those with signs in them", () => {
    expect(piecesOf("A. (B) a ajouté A. (B)", ["A. (B)"])).toEqual([
      { text: "A. (B)", isName: true },
      { text: " a ajouté ", isName: false },
      { text: "A. (B)", isName: true },
    ]);
  });

  it("say of whose account is gone that it is", () => {
    const nobody = { id: "", name: "", role: "", avatar: "", username: "" };
    const added = systemSentence({ type: "member_added", actor: AWA, people: [nobody, MAX], title: "" }, "1", words);
    expect(added.text).toBe(`Awa Diallo a ajouté un compte supprimé et ${MAX.name}`);
    expect(added.names).toEqual([AWA.name, MAX.name]);
    const left = systemSentence({ type: "member_left", actor: null, people: [nobody], title: "" }, "1", words);
    expect(left.text).toBe("Un compte supprimé a quitté la conversation");
  });

  it("speak to the reader as « vous »", () => {
    expect(chatFr.system.member_added("Vous", ["Awa"], "", true)).toBe("Vous avez ajouté Awa");
    expect(createChatLabels("en", { send: "Go" }).send).toBe("Go");
  });
});

describe("emoji", () => {
  it("are each there once in their group, with a name in both languages", () => {
    for (const [group, all] of EMOJI_GROUPS) {
      expect(new Set(all.map(({ char }) => char)).size, group).toBe(all.length);
      for (const { char, en, fr: french } of all) expect([char, en, french].every(Boolean), char).toBe(true);
    }
  });

  it("are found in either language, without accents", () => {
    expect(findEmoji("coeur vert").map(({ char }) => char)).toEqual(["💚"]);
    expect(findEmoji("fete").length).toBeGreaterThan(0);
    expect(findEmoji("rocket").map(({ char }) => char)).toEqual(["🚀"]);
  });

  it("stand large only where they stand alone", () => {
    expect(["👍", "❤️", "👩‍💻🎉", "👍 oui", "1", "", "👍👍👍👍"].map(isEmojiAlone)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});
