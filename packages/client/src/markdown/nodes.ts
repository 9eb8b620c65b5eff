/** What Markdown text becomes: plain data, never HTML; every URL in it is http, https or mailto. */

export type Inline =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "break" }
  | { readonly type: "bold" | "italic" | "strike"; readonly children: readonly Inline[] }
  | { readonly type: "code"; readonly text: string }
  | { readonly type: "link"; readonly url: string; readonly children: readonly Inline[] }
  /** `person` is an id, or `*` for everybody; `name` is without its @. */
  | { readonly type: "mention"; readonly person: string; readonly name: string };

export type Block =
  | { readonly type: "paragraph"; readonly children: readonly Inline[] }
  | { readonly type: "code_block"; readonly language: string; readonly text: string }
  | { readonly type: "quote"; readonly children: readonly Block[] }
  | { readonly type: "list"; readonly isOrdered: boolean; readonly start: number; readonly items: readonly ListItem[] };

export type ListItem = readonly Block[];

export type MarkdownNode = Block | Inline;
