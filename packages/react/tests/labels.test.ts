import { describe, expect, it } from "vitest";
import { type ChatLabels, chatEn, chatFr, createLabels, en, fr, type Labels } from "../src/index";
import { languageOf } from "../src/labels";

type Text = [path: string, text: string];

/** Every text of a catalogue; those made by functions with one and with several. */
function textsOf(value: unknown, path: string): Text[] {
  if (typeof value === "string") return path === "locale" ? [] : [[path, value]];
  if (typeof value === "function") return samples(path).flatMap((args) => textsOf(value(...args), path));
  return Object.entries(value as object).flatMap(([key, part]) => textsOf(part, path ? `${path}.${key}` : key));
}

const NAME = ["Awa Diallo"];
const ONE = [[NAME], [["Awa", "Inès"]], [["Awa", "Inès", "Max"]]];
/** What the chat's functions are given, by their name. */
const CHAT: Record<string, unknown[][]> = {
  said: [["Awa", "Bonjour"]],
  lastSeen: [["hier"]],
  membersOnline: [
    [6, 1],
    [6, 4],
  ],
  typing: ONE,
  at: [["Awa a quitté la conversation", "midi"]],
  readBy: [
    [NAME, 0],
    [NAME, 2],
  ],
  reaction: [
    ["👍", 1, NAME],
    ["👍", 3, NAME],
  ],
  notSent: [["Réessayez."]],
  noConversationFor: [["façade"]],
  noPeopleFor: [["façade"]],
  emptyThread: [
    ["Awa", 1],
    ["Équipe", 5],
  ],
  mutedUntil: [["lundi"]],
};
const NAMED = [
  "yourMessageTo",
  "replyingTo",
  "youBlock",
  "leaveTitle",
  "left",
  "block",
  "unblock",
  "blockTitle",
  "blockText",
];
const NAMED_TOO = ["blocked", "unblocked", "actionsFor", "writeTo", "takeBack"];

function samples(path: string): unknown[][] {
  const key = path.replace(/^chat\./, "");
  if (CHAT[key]) return CHAT[key];
  if (key.startsWith("system.")) {
    return [
      ["Awa", ["Inès"], "", false],
      ["Vous", ["Inès", "Max"], "Façade", true],
    ];
  }
  if ([...NAMED, ...NAMED_TOO].includes(key)) return [NAME];
  if (path === "groupPeople")
    return [
      [["Awa"], 0],
      [["Awa", "Inès"], 1],
      [["Awa", "Inès"], 3],
    ];
  if (path === "groupSummary") return [[4, "Awa et Inès"]];
  if (path === "arrived")
    return [
      [1, "Awa vous écrit"],
      [3, "Awa vous écrit"],
    ];
  if (path === "withKey") return [["Archiver", "e"]];
  if (path === "dayAt") return [["lundi", "09 h"]];
  if (["snoozedUntil", "snoozed"].includes(path)) return [["lundi"]];
  if (path === "emptySearch") return [["façade"]];
  return [[0], [1], [2], [1234]];
}

type Catalogue = Labels | ChatLabels;

const catalogues: [string, Catalogue, Catalogue][] = [
  ["fr", fr, fr],
  ["en", en, fr],
  ["fr chat", chatFr, chatFr],
  ["en chat", chatEn, chatFr],
];

describe.each(catalogues)("the %s catalogue", (_, labels, model) => {
  const texts = textsOf(labels, "");

  it("has a text for every key, and no other", () => {
    const keys = (catalogue: Catalogue) => [...new Set(textsOf(catalogue, "").map(([path]) => path))].sort();
    expect(keys(labels)).toEqual(keys(model));
    expect(texts.filter(([, text]) => text.trim() === "")).toEqual([]);
  });

  it("has typographic apostrophes, quotation marks and ellipses", () => {
    expect(texts.filter(([, text]) => /['"]|\.\.\./.test(text))).toEqual([]);
  });

  it("shows no hole and no object", () => {
    expect(texts.filter(([, text]) => /undefined|NaN|\[object|\{|\}/.test(text))).toEqual([]);
  });
});

describe("French", () => {
  const texts = [...textsOf(fr, ""), ...textsOf(chatFr, "chat")];

  it("has a narrow no-break space before ; ! ?", () => {
    expect(texts.filter(([path, text]) => path !== "keyHelp" && /(?<!\u202f)[;!?]/.test(text))).toEqual([]);
  });

  it("has a no-break space before a colon", () => {
    expect(texts.filter(([, text]) => /(?<!\u00a0):/.test(text))).toEqual([]);
  });

  it("has no-break spaces inside guillemets, and no English quotes", () => {
    expect(texts.filter(([, text]) => /«(?!\u00a0)|(?<!\u00a0)»|[“”]/.test(text))).toEqual([]);
  });

  it("keeps figures with what they count", () => {
    expect(texts.filter(([path, text]) => path !== "dayAt" && path !== "showGroup" && /\d \p{L}/u.test(text))).toEqual(
      [],
    );
  });

  it("knows that zero is singular, and that a thousand is not", () => {
    expect(fr.newItems(1)).toBe("1\u00a0nouvelle");
    expect(fr.newItems(2)).toBe("2\u00a0nouvelles");
    expect(fr.bell(0)).toBe("Notifications\u00a0: aucune non lue");
    expect(fr.bell(1)).toBe("Notifications\u00a0: 1\u00a0non lue");
    expect(fr.bell(1234)).toBe("Notifications\u00a0: 99+\u00a0non lues");
    expect(fr.unreadCount(1234)).toBe("1\u202f234\u00a0non lues");
  });

  it("lists people as one does", () => {
    expect(fr.groupPeople(["Alice", "Bruno"], 0)).toBe("Alice et Bruno");
    expect(fr.groupPeople(["Alice", "Bruno"], 3)).toBe("Alice, Bruno et 3\u00a0autres personnes");
  });
});

describe("English", () => {
  it("has no French spaces before punctuation", () => {
    expect([...textsOf(en, ""), ...textsOf(chatEn, "chat")].filter(([, text]) => /\s[;:!?]/.test(text))).toEqual([]);
  });

  it("counts", () => {
    expect(en.arrived(3, "")).toBe("3 new notifications");
    expect(en.groupPeople(["Alice", "Bruno"], 1)).toBe("Alice, Bruno and 1 other");
  });
});

it("lays a host's words over a language", () => {
  const labels = createLabels("fr", { undo: "Défaire" });
  expect([labels.undo, labels.retry]).toEqual(["Défaire", "Réessayer"]);
  expect(["fr", "fr-CA", "FR", "en-US", "de", undefined].map(languageOf)).toEqual(["fr", "fr", "fr", "en", "en", "en"]);
});
