import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";

const FADE = 120;
const CLOSE = 200;
/** More at once are not watched one by one. */
const MOST = 5;

/** A row that left fades where it stood, then its neighbours close up. */
function fade(row: HTMLElement, parent: Node, next: Node | null): void {
  row.inert = true;
  row.removeAttribute("data-id");
  row.style.overflow = "hidden";
  parent.insertBefore(row, next);
  const height = `${row.offsetHeight}px`;
  const total = FADE + CLOSE;
  const frames = [
    { opacity: 1, blockSize: height },
    { opacity: 0, blockSize: height, offset: FADE / total, easing: "ease-out" },
    { opacity: 0, blockSize: "0px" },
  ];
  row.animate(frames, total).finished.finally(() => row.remove());
}

/**
 * Lets rows that leave the list fade. `ids` are those that stand in it: what is taken out of the page but stays in the
 * list, or goes with another `list`, just goes. Nothing moves for who wants less motion.
 */
export function useLeaving(root: RefObject<HTMLElement | null>, list: unknown, ids: () => ReadonlySet<string>): void {
  const latest = useRef({ list, ids, isOther: false });
  useLayoutEffect(() => {
    latest.current = { list, ids, isOther: latest.current.list !== list };
  });
  useEffect(() => {
    const element = root.current;
    if (!element || typeof element.animate !== "function") return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)");
    const observer = new MutationObserver((records) => {
      const rows = records.flatMap(({ removedNodes, target, nextSibling }) =>
        [...removedNodes].flatMap((row) =>
          row instanceof HTMLElement && row.dataset.id && !row.isConnected ? [{ row, target, nextSibling }] : [],
        ),
      );
      if (rows.length === 0 || rows.length > MOST || calm.matches || latest.current.isOther) return;
      const staying = latest.current.ids();
      for (const { row, target, nextSibling } of rows) {
        const isPlaced = target.isConnected && (nextSibling === null || nextSibling.parentNode === target);
        if (isPlaced && !staying.has(row.dataset.id ?? "")) fade(row, target, nextSibling);
      }
      observer.takeRecords();
    });
    observer.observe(element, { childList: true, subtree: true });
    return () => observer.disconnect();
  }, [root]);
}
