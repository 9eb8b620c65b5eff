import { useEffect } from "react";
import { atMost99 } from "../labels/plural.js";

const PREFIX = /^\(\d+\+?\)\s/;

function setTitle(unread: number): void {
  const bare = document.title.replace(PREFIX, "");
  const title = unread > 0 ? `(${atMost99(unread)}) ${bare}` : bare;
  if (document.title !== title) document.title = title;
}

/** Keeps "(3) " before the page's title, also when the host changes the title. */
export function useTitleBadge(unread: number): void {
  useEffect(() => {
    setTitle(unread);
    const observer = new MutationObserver(() => setTitle(unread));
    observer.observe(document.head, { childList: true, characterData: true, subtree: true });
    return () => {
      observer.disconnect();
      setTitle(0);
    };
  }, [unread]);
}

/** Shows the favicon with its dot while something is unread: `<link rel="icon" href="…" data-carillon-dot="…">` names it. */
export function useFaviconDot(hasUnread: boolean): void {
  useEffect(() => {
    const link = document.querySelector<HTMLLinkElement>('link[rel~="icon"][data-carillon-dot]');
    const dot = link?.dataset.carillonDot;
    if (!link || !dot || !hasUnread) return;
    const plain = link.href;
    link.href = dot;
    return () => {
      link.href = plain;
    };
  }, [hasUnread]);
}
