import type { Block, Inline } from "@carillon/client";
import { createElement, type ReactNode } from "react";

const TAGS = { bold: "strong", italic: "em", strike: "s" } as const;

function inline(node: Inline, index: number): ReactNode {
  switch (node.type) {
    case "text":
      return node.text;
    case "break":
      return <br key={index} />;
    case "code":
      return (
        <code key={index} className="carillon-md-code" dir="auto">
          {node.text}
        </code>
      );
    case "mention":
      return (
        <span key={index} className="carillon-mention">
          <bdi>@{node.name}</bdi>
        </span>
      );
    case "link":
      return (
        <a
          key={index}
          className="carillon-md-link"
          href={node.url}
          target="_blank"
          rel="noopener noreferrer nofollow ugc"
        >
          {node.children.map(inline)}
        </a>
      );
    default:
      return createElement(
        TAGS[node.type],
        { key: index, className: `carillon-md-${node.type}` },
        node.children.map(inline),
      );
  }
}

function block(node: Block, index: number): ReactNode {
  switch (node.type) {
    case "paragraph":
      return (
        <p key={index} className="carillon-md-block" dir="auto">
          {node.children.map(inline)}
        </p>
      );
    case "code_block":
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <pre key={index} className="carillon-md-block carillon-md-pre" dir="ltr" tabIndex={0}>
          <code>{node.text}</code>
        </pre>
      );
    case "quote":
      return (
        <blockquote key={index} className="carillon-md-block carillon-md-quote" dir="auto">
          {node.children.map(block)}
        </blockquote>
      );
    case "list":
      return createElement(
        node.isOrdered ? "ol" : "ul",
        {
          key: index,
          className: "carillon-md-block carillon-md-list",
          dir: "auto",
          ...(node.isOrdered && node.start !== 1 && { start: node.start }),
        },
        node.items.map((item, place) =>
          createElement("li", { key: place, className: "carillon-md-item" }, item.map(block)),
        ),
      );
  }
}

/** What somebody wrote, as elements: nothing of it ever passes through an HTML parser. */
export function Markdown({ nodes }: { nodes: readonly Block[] }) {
  return nodes.map(block);
}
