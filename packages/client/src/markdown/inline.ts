/** One paragraph's text to inline nodes, in time linear to its length: nothing is ever read twice as a whole. */
import type { Mention } from "../protocol.js";
import { bareUrl, safeUrl } from "./links.js";
import type { Inline } from "./nodes.js";

/** Marks inside marks; deeper ones stay as they are written. */
const DEEPEST = 24;
const SPECIAL = /[\\`*_~[\]@<\n]|https?:\/\/|mailto:|www\./gi;
const WORD = /[\p{L}\p{N}]/u;
const SPACE = /\s/;
const ESCAPABLE = /[!-/:-@[-`{-~]/;

type Mark = "*" | "_" | "**" | "__" | "~~" | "[";

/** What was opened and may still be closed. */
interface Frame {
  /** Null for the outermost. */
  mark: Mark | null;
  nodes: Inline[];
  hasLink: boolean;
}

/** Who may be mentioned, by the name after the @. */
export class Names {
  readonly #people = new Map<string, string>();
  readonly #lengths: readonly number[];

  constructor(mentions: readonly Mention[]) {
    for (const { name, person } of mentions) if (name !== "") this.#people.set(name, person);
    this.#lengths = [...new Set([...this.#people.keys()].map(({ length }) => length))].sort((a, b) => b - a);
  }

  /** The longest name that stands at `start`. */
  find(text: string, start: number): { name: string; person: string } | null {
    for (const length of this.#lengths) {
      const name = text.slice(start, start + length);
      const person = this.#people.get(name);
      if (person !== undefined && !isWord(text, start + length)) return { name, person };
    }
    return null;
  }
}

/** The nodes of a paragraph. */
export function parseInline(text: string, names: Names): Inline[] {
  return new InlineParser(text, names).parse();
}

class InlineParser {
  readonly #text: string;
  readonly #names: Names;
  readonly #frames: Frame[] = [{ mark: null, nodes: [], hasLink: false }];
  readonly #open = new Map<Mark, number>();
  readonly #codeEnds: ReadonlyMap<number, number>;
  readonly #takers: Readonly<Record<string, () => void>> = {
    "\\": () => this.#escape(),
    "`": () => this.#code(),
    "\n": () => this.#push({ type: "break" }, 1),
    "@": () => this.#mention(),
    "<": () => this.#angle(),
    "[": () => this.#openFrame("[", 1),
    "]": () => this.#closeLink(),
    "*": () => this.#delimiters("*"),
    _: () => this.#delimiters("_"),
    "~": () => this.#delimiters("~"),
  };
  #at = 0;

  constructor(text: string, names: Names) {
    this.#text = text;
    this.#names = names;
    this.#codeEnds = codeEnds(text);
  }

  parse(): Inline[] {
    const special = new RegExp(SPECIAL);
    while (this.#at < this.#text.length) {
      special.lastIndex = this.#at;
      const found = special.exec(this.#text);
      const next = found?.index ?? this.#text.length;
      this.#write(this.#text.slice(this.#at, next));
      this.#at = next;
      if (found !== null) this.#take(found[0]);
    }
    while (this.#frames.length > 1) this.#giveUp();
    return this.#top.nodes;
  }

  get #top(): Frame {
    return this.#frames[this.#frames.length - 1] as Frame;
  }

  #take(special: string): void {
    const take = this.#takers[special];
    if (take === undefined) this.#address(special.length);
    else take();
  }

  #escape(): void {
    const next = this.#text.charAt(this.#at + 1);
    const isEscaped = next !== "" && ESCAPABLE.test(next);
    this.#write(isEscaped ? next : "\\");
    this.#at += isEscaped ? 2 : 1;
  }

  #code(): void {
    const length = runLength(this.#text, this.#at);
    const end = this.#codeEnds.get(this.#at);
    if (end === undefined) {
      this.#literal(length);
      return;
    }
    const inner = this.#text.slice(this.#at + length, end).replace(/\n/g, " ");
    const isPadded = inner.startsWith(" ") && inner.endsWith(" ") && inner.trim() !== "";
    this.#push({ type: "code", text: isPadded ? inner.slice(1, -1) : inner }, end + length - this.#at);
  }

  #mention(): void {
    const found = isWord(this.#text, this.#at - 1) ? null : this.#names.find(this.#text, this.#at + 1);
    if (found === null) this.#literal(1);
    else this.#push({ type: "mention", person: found.person, name: found.name }, found.name.length + 1);
  }

  /** `<https://…>`: the brackets are not shown. */
  #angle(): void {
    const end = this.#text.indexOf(">", this.#at);
    const isNear = end > 0 && end - this.#at < 2_000;
    const url = isNear ? safeUrl(this.#text.slice(this.#at + 1, end)) : null;
    if (url === null) this.#literal(1);
    else this.#link(url, [{ type: "text", text: url }], end + 1 - this.#at);
  }

  #address(minimum: number): void {
    const written = isWord(this.#text, this.#at - 1) ? "" : bareUrl(this.#text, this.#at);
    const isWeb = /^www\.[^.]/i.test(written);
    const url = safeUrl(isWeb ? `https://${written}` : written);
    // What was read in vain is not read again.
    if (url === null) this.#literal(Math.max(minimum, written.length));
    else this.#link(url, [{ type: "text", text: written }], written.length);
  }

  #delimiters(char: "*" | "_" | "~"): void {
    const length = runLength(this.#text, this.#at);
    const [before, after] = [this.#text.charAt(this.#at - 1), this.#text.charAt(this.#at + length)];
    const isInWord = char === "_" && WORD.test(before) && WORD.test(after);
    const isKnown = char === "~" ? length === 2 : length <= 3;
    if (!isKnown || isInWord) {
      this.#literal(length);
      return;
    }
    const canOpen = after !== "" && !SPACE.test(after);
    const canClose = before !== "" && !SPACE.test(before);
    for (const mark of this.#marks(char, length)) this.#delimiter(mark, canOpen, canClose);
  }

  /** Three are two and one; at the end of what they surround, the other way round. */
  #marks(char: "*" | "_" | "~", length: number): Mark[] {
    const [single, double] = [char as Mark, (char + char) as Mark];
    if (length < 3) return [length === 1 ? single : double];
    return this.#top.mark === single ? [single, double] : [double, single];
  }

  #delimiter(mark: Mark, canOpen: boolean, canClose: boolean): void {
    if (canClose && this.#isOpen(mark)) {
      while (this.#top.mark !== mark) this.#giveUp();
      const { nodes, hasLink } = this.#pop();
      this.#top.hasLink ||= hasLink;
      this.#push({ type: typeOf(mark), children: nodes }, mark.length);
    } else if (canOpen) this.#openFrame(mark, mark.length);
    else this.#literal(mark.length);
  }

  #openFrame(mark: Mark, length: number): void {
    if (this.#frames.length > DEEPEST) {
      this.#literal(length);
      return;
    }
    this.#at += length;
    this.#frames.push({ mark, nodes: [], hasLink: false });
    this.#open.set(mark, (this.#open.get(mark) ?? 0) + 1);
  }

  #closeLink(): void {
    if (!this.#isOpen("[")) {
      this.#literal(1);
      return;
    }
    while (this.#top.mark !== "[") this.#giveUp();
    const target = targetAt(this.#text, this.#at + 1);
    // A link in a link could say one address and lead to another.
    const url = target === null || this.#top.hasLink || this.#top.nodes.length === 0 ? null : safeUrl(target);
    if (url === null) {
      this.#giveUp();
      this.#literal(1);
      return;
    }
    const { nodes } = this.#pop();
    this.#link(url, nodes, (target?.length ?? 0) + 3);
  }

  #link(url: string, children: readonly Inline[], length: number): void {
    this.#top.hasLink = true;
    this.#push({ type: "link", url, children }, length);
  }

  #isOpen(mark: Mark): boolean {
    return (this.#open.get(mark) ?? 0) > 0;
  }

  #pop(): Frame {
    const frame = this.#frames.pop() as Frame;
    const mark = frame.mark as Mark;
    this.#open.set(mark, (this.#open.get(mark) ?? 1) - 1);
    return frame;
  }

  /** What is never closed was no mark: it is shown as it is written. */
  #giveUp(): void {
    const { mark, nodes, hasLink } = this.#pop();
    this.#write(mark ?? "");
    this.#top.hasLink ||= hasLink;
    for (const node of nodes) this.#append(node);
  }

  #literal(length: number): void {
    this.#write(this.#text.slice(this.#at, this.#at + length));
    this.#at += length;
  }

  #push(node: Inline, length: number): void {
    this.#append(node);
    this.#at += length;
  }

  #write(text: string): void {
    if (text !== "") this.#append({ type: "text", text });
  }

  #append(node: Inline): void {
    const { nodes } = this.#top;
    const last = nodes.at(-1);
    if (node.type === "text" && last?.type === "text") {
      nodes[nodes.length - 1] = { type: "text", text: last.text + node.text };
    } else nodes.push(node);
  }
}

function typeOf(mark: Mark): "bold" | "italic" | "strike" {
  if (mark === "~~") return "strike";
  return mark.length === 2 ? "bold" : "italic";
}

/** How often the character at `start` stands there in a row. */
function runLength(text: string, start: number): number {
  const char = text.charAt(start);
  let end = start + 1;
  while (text.charAt(end) === char) end += 1;
  return end - start;
}

/** For each run of backticks that begins code, where the run that ends it begins. */
function codeEnds(text: string): Map<number, number> {
  const ends = new Map<number, number>();
  const next = new Map<number, number>();
  for (const run of [...text.matchAll(/`+/g)].reverse()) {
    const end = next.get(run[0].length);
    if (end !== undefined) ends.set(run.index, end);
    next.set(run[0].length, run.index);
  }
  return ends;
}

/** The address in `(…)` at `start`; null when there is none. Brackets in it are balanced and few. */
function targetAt(text: string, start: number): string | null {
  if (text.charAt(start) !== "(") return null;
  let depth = 0;
  for (let index = start; index < text.length; index += 1) {
    const char = text.charAt(index);
    if (SPACE.test(char)) return null;
    if (char === "(") depth += 1;
    if (char === ")") depth -= 1;
    if (depth === 0) return text.slice(start + 1, index);
    if (depth > 4) return null;
  }
  return null;
}

function isWord(text: string, index: number): boolean {
  return index >= 0 && index < text.length && WORD.test(text.charAt(index));
}
