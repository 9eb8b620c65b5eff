/** Markdown as people write it in a chat, to plain data: no HTML comes in, none goes out. */
import type { Mention } from "../protocol.js";
import { Names, parseInline } from "./inline.js";
import type { Block, ListItem } from "./nodes.js";

/** Quotes and lists in each other; deeper ones stay as they are written. */
const DEEPEST = 8;
const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([\w+#.-]{0,30})[^`]*$/;
const QUOTE = /^ {0,3}>/;
const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])( {1,4})(?=\S)/;
const LONGEST = 8_000;

export interface MarkdownOptions {
  /** Of the message: only these names after an @ become mentions. */
  mentions?: readonly Mention[];
}

/**
 * The blocks of a message: paragraphs in which each line break counts, bold, italic, struck out, code, quotes, lists,
 * links (http, https, mailto; bare ones too) and mentions. Everything else is text. Time grows linearly with the text; of
 * one longer than a message may be, the rest is shown as it is written.
 */
export function parseMarkdown(text: string, options: MarkdownOptions = {}): Block[] {
  const names = new Names(options.mentions ?? []);
  const lines = text.slice(0, LONGEST).replace(/\r\n?/g, "\n").split("\n");
  const blocks = new BlockParser(lines, names, 0).parse();
  const rest = text.slice(LONGEST);
  return rest === "" ? blocks : [...blocks, { type: "paragraph", children: [{ type: "text", text: rest }] }];
}

class BlockParser {
  readonly #lines: readonly string[];
  readonly #names: Names;
  readonly #depth: number;
  readonly #blocks: Block[] = [];
  #paragraph: string[] = [];
  #at = 0;

  constructor(lines: readonly string[], names: Names, depth: number) {
    this.#lines = lines;
    this.#names = names;
    this.#depth = depth;
  }

  parse(): Block[] {
    while (this.#at < this.#lines.length) this.#takeLine(this.#line(this.#at));
    this.#endParagraph();
    return this.#blocks;
  }

  #line(index: number): string {
    return this.#lines[index] ?? "";
  }

  #takeLine(line: string): void {
    const canNest = this.#depth < DEEPEST;
    const fence = FENCE.exec(line);
    if (fence !== null) this.#fence(fence[1] ?? "", fence[2] ?? "");
    else if (canNest && QUOTE.test(line)) this.#quote();
    else if (canNest && ITEM.test(line)) this.#list();
    else {
      if (line.trim() === "") this.#endParagraph();
      else this.#paragraph.push(line);
      this.#at += 1;
    }
  }

  #endParagraph(): void {
    if (this.#paragraph.length === 0) return;
    const children = parseInline(this.#paragraph.map((line) => line.trim()).join("\n"), this.#names);
    this.#blocks.push({ type: "paragraph", children });
    this.#paragraph = [];
  }

  #add(block: Block): void {
    this.#endParagraph();
    this.#blocks.push(block);
  }

  #fence(mark: string, language: string): void {
    const start = this.#at + 1;
    let end = start;
    while (end < this.#lines.length && !isClosing(this.#line(end), mark)) end += 1;
    this.#add({ type: "code_block", language, text: this.#lines.slice(start, end).join("\n") });
    this.#at = end + 1;
  }

  #quote(): void {
    const lines: string[] = [];
    for (; this.#at < this.#lines.length && QUOTE.test(this.#line(this.#at)); this.#at += 1) {
      lines.push(this.#line(this.#at).replace(/^ {0,3}> ?/, ""));
    }
    this.#add({ type: "quote", children: this.#nested(lines) });
  }

  #list(): void {
    const kind = kindOf(this.#line(this.#at));
    const start = Number.parseInt(this.#line(this.#at), 10);
    const items: ListItem[] = [];
    while (this.#at < this.#lines.length && kindOf(this.#line(this.#at)) === kind) items.push(this.#item());
    const isOrdered = kind === "." || kind === ")";
    this.#add({ type: "list", isOrdered, start: isOrdered ? start : 1, items });
  }

  /** The line with the marker, and those after it that are indented as its text is. */
  #item(): ListItem {
    const first = this.#line(this.#at);
    const width = ITEM.exec(first)?.[0].length ?? 0;
    const lines = [first.slice(width)];
    this.#at += 1;
    while (this.#at < this.#lines.length) {
      const line = this.#line(this.#at);
      const isBlank = line.trim() === "";
      const owner = isBlank ? this.#line(this.#at + 1) : line;
      if (owner.trim() === "" || indentOf(owner) < Math.min(width, 2)) break;
      lines.push(line.slice(Math.min(indentOf(line), width)));
      this.#at += 1;
    }
    // Between two items of one list a blank line may stand.
    if (this.#line(this.#at).trim() === "" && kindOf(this.#line(this.#at + 1)) === kindOf(first)) this.#at += 1;
    return this.#nested(lines);
  }

  #nested(lines: readonly string[]): Block[] {
    return new BlockParser(lines, this.#names, this.#depth + 1).parse();
  }
}

/** What makes two items one list: the bullet, or what stands behind the number. Null for a line that is no item. */
function kindOf(line: string): string | null {
  return ITEM.exec(line)?.[2]?.at(-1) ?? null;
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

function isClosing(line: string, mark: string): boolean {
  const text = line.trim();
  return text.length >= mark.length && text === mark.charAt(0).repeat(text.length);
}
