import { type RefObject, useCallback, useEffect, useLayoutEffect, useMemo, useReducer, useRef } from "react";
import { flushSync } from "react-dom";
import { type Keyed, Places } from "../../chat/heights.js";

/** How far outside the view rows are drawn, and how near the edge of that the reader may come before more are. */
const OVERSCAN = 1000;
const MARGIN = 400;
/** So near the end counts as the end. */
const END = 24;
/** The height of a view that has none, as where nothing is laid out. */
const NO_HEIGHT = 800;
const NOWHERE = Number.POSITIVE_INFINITY;

/** What stays where it is, whatever comes or goes around it: a row at an offset from the top of the view, or the end. */
type Anchor = { readonly key: string; readonly offset: number } | "end";

interface Options<Row extends Keyed> {
  rows: readonly Row[];
  /** Read once, when there are rows: which row to begin with, at the top third of the view; the end when null. */
  firstKey: string | null;
  /** True when the last row is the last there is, so that the view follows what comes after it. */
  isEnd: boolean;
  guess: (row: Row) => number;
  scroller: RefObject<HTMLElement | null>;
  list: RefObject<HTMLElement | null>;
  /** Told after each change of what is in view. */
  onView: (view: View) => void;
}

export interface View {
  /** Index of the first and last row in view. */
  readonly first: number;
  readonly last: number;
  readonly isAtEnd: boolean;
  /** Pixels between the view and the ends of what there is. */
  readonly above: number;
  readonly below: number;
}

export interface Virtual {
  readonly start: number;
  readonly end: number;
  /** Room to keep for rows that are not drawn. */
  readonly before: number;
  readonly after: number;
  readonly toKey: (key: string, place?: "top" | "middle") => boolean;
  readonly toEnd: () => void;
}

const keyOf = (element: Element) => (element as HTMLElement).dataset["key"] ?? "";

/** The place of `key` if the anchor is gone: its nearest former neighbour that is still there. */
function survivor(places: Places, order: readonly string[], key: string): number {
  const at = order.indexOf(key);
  for (let step = 1; at >= 0 && step < order.length; step += 1) {
    for (const near of [order[at + step], order[at - step]]) {
      const index = near === undefined ? -1 : places.indexOf(near);
      if (index >= 0) return index;
    }
  }
  return -1;
}

/**
 * Draws the rows near the view of a list that grows at both ends. What the reader looks at stays where it is: after each
 * change, and before the browser paints, the anchored row is put back at its offset. Rows carry `data-key`.
 */
export function useVirtual<Row extends Keyed>(options: Options<Row>): Virtual {
  const { rows, guess, scroller, list } = options;
  const [, redraw] = useReducer((turn: number) => turn + 1, 0);
  const measured = useRef(new Map<string, number>());
  const anchor = useRef<Anchor | null>(null);
  // Somewhere else was asked for, and is not drawn yet: a scroll event meanwhile tells of where one was.
  const isAsked = useRef(false);
  const drawn = useRef<readonly string[]>([]);
  const latest = useRef({ ...options, places: null as Places | null });

  const places = useMemo(
    () => new Places(rows, (index) => measured.current.get((rows[index] as Row).key) ?? guess(rows[index] as Row)),
    [rows, guess],
  );
  anchor.current ??= rows.length === 0 ? null : firstAnchor(options.firstKey, scroller.current);

  const height = scroller.current?.clientHeight || NO_HEIGHT;
  const top = topOf(anchor.current, places, drawn.current, height);
  const start = places.at(top - OVERSCAN);
  const end = rows.length === 0 ? 0 : places.at(top + height + OVERSCAN) + 1;

  const read = useCallback(() => {
    const [view, element] = [scroller.current, list.current];
    const { places: known, isEnd: hasEnd, onView } = latest.current;
    if (!view || !element || !known || known.count === 0) return;
    const seen = look(view, element, known, hasEnd);
    if (!isAsked.current) anchor.current = seen.anchor;
    onView(seen.view);
  }, [scroller, list]);

  useLayoutEffect(() => {
    latest.current = { ...options, places };
    const [view, element] = [scroller.current, list.current];
    if (!view || !element) return;
    for (const child of element.children) {
      const size = child.getBoundingClientRect().height;
      const index = size > 0 ? places.indexOf(keyOf(child)) : -1;
      if (index < 0) continue;
      measured.current.set(keyOf(child), size);
      places.set(index, size);
    }
    drawn.current = [...element.children].map(keyOf);
    hold(view, element, anchor.current);
    isAsked.current = false;
    read();
  });

  useEffect(() => {
    const [view, element] = [scroller.current, list.current];
    if (!view || !element) return;
    const onScroll = () => {
      read();
      const { places: known } = latest.current;
      if (known && isShort(view, element, known)) flushSync(redraw);
    };
    view.addEventListener("scroll", onScroll, { passive: true });
    if (typeof ResizeObserver === "undefined") return () => view.removeEventListener("scroll", onScroll);
    // A picture that loads, a font that comes, a keyboard that opens: the anchor stays.
    const observer = new ResizeObserver(() => {
      hold(view, element, anchor.current);
      redraw();
    });
    observer.observe(view);
    observer.observe(element);
    return () => {
      view.removeEventListener("scroll", onScroll);
      observer.disconnect();
    };
  }, [scroller, list, read]);

  const toKey = useCallback(
    (key: string, place: "top" | "middle" = "middle") => {
      if ((latest.current.places?.indexOf(key) ?? -1) < 0) return false;
      const room = scroller.current?.clientHeight || NO_HEIGHT;
      anchor.current = { key, offset: place === "top" ? 0 : Math.round(room / 3) };
      isAsked.current = true;
      redraw();
      return true;
    },
    [scroller],
  );
  const toEnd = useCallback(() => {
    anchor.current = "end";
    isAsked.current = true;
    redraw();
  }, []);
  return { start, end, before: places.top(start), after: places.total - places.top(end), toKey, toEnd };
}

function firstAnchor(key: string | null, scroller: HTMLElement | null): Anchor {
  return key === null ? "end" : { key, offset: Math.round((scroller?.clientHeight || NO_HEIGHT) / 4) };
}

/** Where the view begins, by what is known of the rows. */
function topOf(anchor: Anchor | null, places: Places, order: readonly string[], height: number): number {
  if (anchor === null || anchor === "end") return places.total - height;
  const index = places.indexOf(anchor.key);
  const at = index >= 0 ? index : survivor(places, order, anchor.key);
  return at < 0 ? places.total - height : places.top(at) - anchor.offset;
}

/** Scrolls so that the anchor stands where it stood. */
function hold(view: HTMLElement, list: HTMLElement, anchor: Anchor | null): void {
  if (anchor === null) return;
  if (anchor === "end") {
    view.scrollTop = view.scrollHeight;
    return;
  }
  const element = [...list.children].find((child) => keyOf(child) === anchor.key);
  if (!element) return;
  const moved = element.getBoundingClientRect().top - view.getBoundingClientRect().top - anchor.offset;
  if (Math.abs(moved) >= 0.5) view.scrollTop += moved;
}

/** What is in view now, and what to hold on to. */
function look(view: HTMLElement, list: HTMLElement, places: Places, hasEnd: boolean): { anchor: Anchor; view: View } {
  const box = view.getBoundingClientRect();
  const below = view.scrollHeight - view.scrollTop - view.clientHeight;
  const isAtEnd = hasEnd && below <= END;
  const children = [...list.children];
  const shown = children.filter((child) => {
    const { top, bottom } = child.getBoundingClientRect();
    return bottom > box.top + 1 && top < box.bottom - 1;
  });
  const drawn = shown.length > 0 ? shown : view.clientHeight === 0 ? children : [];
  const [head, tail] = [drawn[0], drawn.at(-1)];
  const origin = originOf(view, list, places);
  const guessed = places.at(view.scrollTop - origin);
  const first = head ? places.indexOf(keyOf(head)) : guessed;
  const last = tail ? places.indexOf(keyOf(tail)) : guessed;
  const held: Anchor = head
    ? { key: keyOf(head), offset: head.getBoundingClientRect().top - box.top }
    : { key: places.keyAt(guessed), offset: places.top(guessed) + origin - view.scrollTop };
  // Of what is not laid out nobody sees the ends, and nothing more is needed.
  const distance = view.clientHeight === 0 ? { above: NOWHERE, below: NOWHERE } : { above: view.scrollTop, below };
  return { anchor: isAtEnd ? "end" : held, view: { first, last, isAtEnd, ...distance } };
}

/** How far down in the view's content the first of all rows begins. */
function originOf(view: HTMLElement, list: HTMLElement, places: Places): number {
  const head = list.firstElementChild;
  if (!head) return 0;
  const top = head.getBoundingClientRect().top - view.getBoundingClientRect().top + view.scrollTop;
  return top - places.top(places.indexOf(keyOf(head)));
}

/** True when the reader comes near the end of what is drawn, and there is more to draw. */
function isShort(view: HTMLElement, list: HTMLElement, places: Places): boolean {
  const [head, tail] = [list.firstElementChild, list.lastElementChild];
  if (!head || !tail) return places.count > 0;
  const box = view.getBoundingClientRect();
  const isShortAbove = places.indexOf(keyOf(head)) > 0 && head.getBoundingClientRect().top > box.top - MARGIN;
  const isLast = places.indexOf(keyOf(tail)) === places.count - 1;
  return isShortAbove || (!isLast && tail.getBoundingClientRect().bottom < box.bottom + MARGIN);
}
