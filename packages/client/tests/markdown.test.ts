/** Markdown of a chat to plain data: what it understands, that it never carries anything unsafe, that it stays quick. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Block, type Inline, type MarkdownNode, parseMarkdown, plainText } from "../src/index.js";
import { seeded } from "./support/seeded.js";

const VECTORS = JSON.parse(readFileSync(new URL("./support/xss_vectors.json", import.meta.url), "utf8")) as {
  where: "name" | "message" | "markdown";
  text: string;
}[];

/** A short form to compare with: marks as letters, text as it is. */
function short(nodes: readonly (MarkdownNode | readonly Block[])[]): string {
  return nodes.map((node) => (isList(node) ? `li(${short(node)})` : shortNode(node))).join("");
}

const isList = (node: MarkdownNode | readonly Block[]): node is readonly Block[] => Array.isArray(node);

function shortNode(node: MarkdownNode): string {
  switch (node.type) {
    case "text":
      return node.text;
    case "break":
      return "⏎";
    case "code":
      return `code(${node.text})`;
    case "code_block":
      return `pre[${node.language}](${node.text})`;
    case "link":
      return `a[${node.url}](${short(node.children)})`;
    case "mention":
      return `at[${node.person}](${node.name})`;
    case "paragraph":
      return `p(${short(node.children)})`;
    case "list":
      return `${node.isOrdered ? `ol${node.start}` : "ul"}(${short(node.items)})`;
    default:
      return `${node.type}(${short(node.children)})`;
  }
}

const parsed = (text: string, mentions: { person: string; name: string }[] = []) =>
  short(parseMarkdown(text, { mentions }));

describe("text", () => {
  it.each([
    ["", ""],
    ["Bonjour", "p(Bonjour)"],
    ["One\nTwo", "p(One⏎Two)"],
    ["One\r\n\r\nTwo", "p(One)p(Two)"],
    [
      "**bold** and *italic* and _italic_ and ~~gone~~",
      "p(bold(bold) and italic(italic) and italic(italic) and strike(gone))",
    ],
    ["***both***", "p(bold(italic(both)))"],
    ["**bold *and* italic**", "p(bold(bold italic(and) italic))"],
    ["*a **b*", "p(italic(a **b))"],
    ["2 * 3 * 4 and snake_case_name", "p(2 * 3 * 4 and snake_case_name)"],
    ["**open and ~20 euros", "p(**open and ~20 euros)"],
    ["**** and *****", "p(**** and *****)"],
    ["\\*not italic\\* \\a", "p(*not italic* \\a)"],
    ["`code *as it is*` and ``with ` in it``", "p(code(code *as it is*) and code(with ` in it))"],
    ["`open *italic*", "p(`open italic(italic))"],
    ["<b>not HTML</b> &amp;", "p(<b>not HTML</b> &amp;)"],
    ["# not a heading", "p(# not a heading)"],
  ])("%j", (text, wanted) => {
    expect(parsed(text)).toBe(wanted);
  });
});

describe("blocks", () => {
  it.each([
    ["```ts\nconst a = `1`;\n\n**b**\n```\nafter", "pre[ts](const a = `1`;\n\n**b**)p(after)"],
    ["before\n```\nopen", "p(before)pre[](open)"],
    ["~~~\n```\n~~~", "pre[](```)"],
    ["> quoted\n> *still*\n\nmine", "quote(p(quoted⏎italic(still)))p(mine)"],
    ["> > deep\n> up", "quote(quote(p(deep))p(up))"],
    ["- one\n- two\n  more\n- three", "ul(li(p(one))li(p(two⏎more))li(p(three)))"],
    ["1. one\n2. two", "ol1(li(p(one))li(p(two)))"],
    ["7) seven", "ol7(li(p(seven)))"],
    ["- one\n  - in one\n- two", "ul(li(p(one)ul(li(p(in one))))li(p(two)))"],
    ["- one\n\n- two", "ul(li(p(one))li(p(two)))"],
    ["-not a list\n1.neither", "p(-not a list⏎1.neither)"],
    ["text\n- list", "p(text)ul(li(p(list)))"],
  ])("%j", (text, wanted) => {
    expect(parsed(text)).toBe(wanted);
  });
});

describe("links", () => {
  it.each([
    ["[site](https://example.org/a_b*c)", "p(a[https://example.org/a_b*c](site))"],
    ["[**bold**](http://example.org)", "p(a[http://example.org](bold(bold)))"],
    ["[wiki](https://example.org/A_(b))", "p(a[https://example.org/A_(b)](wiki))"],
    [
      "See https://example.org/x_y?a=1&b=2#c.",
      "p(See a[https://example.org/x_y?a=1&b=2#c](https://example.org/x_y?a=1&b=2#c).)",
    ],
    ["(https://example.org/a(b))", "p((a[https://example.org/a(b)](https://example.org/a(b))))"],
    ["<https://example.org>", "p(a[https://example.org](https://example.org))"],
    ["www.example.org, thanks", "p(a[https://www.example.org](www.example.org), thanks)"],
    ["mailto:alice@example.org", "p(a[mailto:alice@example.org](mailto:alice@example.org))"],
    ["**https://example.org**", "p(bold(a[https://example.org](https://example.org)))"],
    ["xhttps://example.org", "p(xhttps://example.org)"],
    ["[a](relative) [b](ftp://x.org) [c]()", "p([a](relative) [b](ftp://x.org) [c]())"],
    [
      "[https://good.example](https://evil.example)",
      "p([a[https://good.example](https://good.example)](a[https://evil.example](https://evil.example)))",
    ],
    ["[open [in](https://example.org)", "p([open a[https://example.org](in))"],
  ])("%j", (text, wanted) => {
    expect(parsed(text)).toBe(wanted);
  });
});

describe("mentions", () => {
  const mentions = [
    { person: "2", name: "Bruno" },
    { person: "3", name: "Bruno Marchetti" },
    { person: "*", name: "all" },
  ];

  it("are only those of the message, the longest name first", () => {
    expect(parsed("@Bruno Marchetti, @Bruno and @all: @Chloé", mentions)).toBe(
      "p(at[3](Bruno Marchetti), at[2](Bruno) and at[*](all): @Chloé)",
    );
  });

  it("are no part of a word", () => {
    expect(parsed("me@all @allies @Brunö", mentions)).toBe("p(me@all @allies @Brunö)");
  });

  it("stand in bold, and not in code", () => {
    expect(parsed("**@Bruno** `@Bruno`", mentions)).toBe("p(bold(at[2](Bruno)) code(@Bruno))");
  });
});

it("is one line of plain text for a list", () => {
  expect(
    plainText("**Hello** @all\n\n- one\n- [two](https://example.org)\n\n```\ncode\n```", {
      mentions: [{ person: "*", name: "all" }],
    }),
  ).toBe("Hello @all one two code");
});

const TYPES = new Set([
  "text",
  "break",
  "bold",
  "italic",
  "strike",
  "code",
  "link",
  "mention",
  "paragraph",
  "code_block",
  "quote",
  "list",
]);

/** Everything that a node carries is text, a safe address, or another node. */
function expectSafe(node: MarkdownNode, name = ""): void {
  expect(TYPES).toContain(node.type);
  if (node.type === "link") {
    const { protocol } = new URL(node.url);
    expect(["https:", "http:", "mailto:"]).toContain(protocol);
    expect(node.url).toMatch(/^(https?:\/\/|mailto:)[^\s"'<>`\\]+$/i);
    expect(node.children.some((child) => child.type === "link")).toBe(false);
  }
  if (node.type === "code_block") expect(node.language).toMatch(/^[\w+#.-]*$/);
  if (node.type === "mention") expect(node.name).toBe(name);
  for (const child of childrenOf(node)) expectSafe(child, name);
}

function childrenOf(node: MarkdownNode): readonly MarkdownNode[] {
  if (node.type === "list") return node.items.flat();
  return "children" in node ? (node.children as readonly (Block | Inline)[]) : [];
}

describe("what attackers write", () => {
  it("is known to us in 150 forms and more", () => {
    expect(VECTORS.length).toBeGreaterThanOrEqual(150);
    expect(new Set(VECTORS.map(({ where, text }) => `${where} ${text}`)).size).toBe(VECTORS.length);
  });

  it.each(VECTORS.map(({ where, text }) => [where, text] as const))("%s %j", (where, text) => {
    const mentions = where === "name" ? [{ person: "6", name: text }] : [];
    const nodes = parseMarkdown(where === "name" ? `Hello @${text} and goodbye` : text, { mentions });
    for (const node of nodes) expectSafe(node, text);
    // Beside the ones in front and behind, in every kind of block.
    for (const around of ["> ", "- ", "**", "[", "`", "\\"]) {
      for (const node of parseMarkdown(around + text + around)) expectSafe(node);
    }
  });

  it("stays safe however it is cut and joined", () => {
    const chance = seeded(7);
    const pieces = [
      ...VECTORS.map(({ text }) => text),
      "](",
      "[",
      "**",
      "`",
      "\n",
      "> ",
      "- ",
      "https://",
      "<",
      ">",
      "\\",
    ];
    for (let round = 0; round < 500; round += 1) {
      const text = Array.from({ length: 12 }, () => chance.pick(pieces).slice(chance.below(4))).join("");
      for (const node of parseMarkdown(text, { mentions: [{ person: "*", name: "all" }] })) expectSafe(node, "all");
    }
  });
});

describe("eight thousand characters of the worst", () => {
  const WORST = [
    "*",
    "_",
    "**",
    "***",
    "~~",
    "`",
    "[",
    "]",
    "](",
    "[](",
    "[x](",
    "[x](a",
    "![",
    "<",
    "<a",
    "@",
    "@a",
    "\\",
    "> ",
    ">",
    "- ",
    "-",
    "1. ",
    "\n",
    "\n\n",
    "> - ",
    "  - x\n",
    "```\n",
    "~~~\n",
    "``` `",
    "*a _b ",
    "**a *b ",
    "_a*",
    "*a**",
    "a**b*",
    "[a](b)[",
    "[[a](https://b.c)](",
    "http://",
    "https://a(",
    "https://a]",
    "https://a.",
    "http:///",
    "http://.",
    "mailto:",
    "mailto:a@",
    "www.",
    "www..",
    "`a``b```c",
    "(",
    ")",
    "[(",
    ")]",
    "a\n",
    " ",
    "\t",
    "\u00a0",
    "é",
    "👍",
    "\u0000",
    "x".repeat(50),
    "\r",
  ];

  // Read twice as a whole, one of them alone would take longer than all of them may.
  it("is parsed in time", { timeout: 10_000 }, () => {
    const mentions = Array.from({ length: 200 }, (_, index) => {
      return { person: `${index}`, name: `${"a".repeat(index % 40)}${index}` };
    });
    for (const piece of WORST) {
      const text = piece.repeat(8_000).slice(0, 8_000);
      expect(parseMarkdown(text, { mentions })).toBeInstanceOf(Array);
    }
  });

  it("loses no letter, and ends", () => {
    for (const piece of WORST) {
      const text = `${piece.repeat(Math.ceil(8_000 / piece.length)).slice(0, 7_990)}\n\nthe end`;
      expect(plainText(text).length).toBeGreaterThan(0);
    }
    expect(plainText("x".repeat(9_000)).replace(/\s/g, "")).toBe("x".repeat(9_000));
  });
});
