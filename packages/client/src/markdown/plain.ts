/** A message in one line, for lists and titles. */
import type { Block, Inline } from "./nodes.js";
import { type MarkdownOptions, parseMarkdown } from "./parse.js";

/** The words of a message without its marks and line breaks. */
export function plainText(text: string, options: MarkdownOptions = {}): string {
  return parseMarkdown(text, options).map(ofBlock).join(" ").replace(/\s+/g, " ").trim();
}

function ofBlock(block: Block): string {
  switch (block.type) {
    case "paragraph":
      return ofInlines(block.children);
    case "code_block":
      return block.text;
    case "quote":
      return block.children.map(ofBlock).join(" ");
    case "list":
      return block.items.map((item) => item.map(ofBlock).join(" ")).join(" ");
  }
}

function ofInlines(nodes: readonly Inline[]): string {
  return nodes.map(ofInline).join("");
}

function ofInline(node: Inline): string {
  switch (node.type) {
    case "text":
    case "code":
      return node.text;
    case "break":
      return " ";
    case "mention":
      return `@${node.name}`;
    default:
      return ofInlines(node.children);
  }
}
