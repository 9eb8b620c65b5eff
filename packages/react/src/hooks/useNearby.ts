import { type RefObject, useCallback, useEffect, useRef, useState } from "react";

/** How far outside the view something is still drawn, so that it is there before it is seen. */
const MARGIN = "1000px";

type Tell = (isNear: boolean, height: number) => void;

/** Tells of an element whether it comes near the view; the returned function ends it. */
export type Watch = (element: Element, tell: Tell) => () => void;

/** One observer for all parts of a list; `scroller` is what scrolls it, the window when absent. Null where a browser has none. */
export function useWatch(scroller?: RefObject<HTMLElement | null>): Watch | null {
  const tells = useRef(new Map<Element, Tell>());
  const observer = useRef<IntersectionObserver | null>(null);
  useEffect(() => {
    if (typeof IntersectionObserver === "undefined") return;
    const watching = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting, boundingClientRect } of entries) {
          tells.current.get(target)?.(isIntersecting, boundingClientRect.height);
        }
      },
      { root: scroller?.current ?? null, rootMargin: `${MARGIN} 0px` },
    );
    observer.current = watching;
    for (const element of tells.current.keys()) watching.observe(element);
    return () => {
      observer.current = null;
      watching.disconnect();
    };
  }, [scroller]);
  const watch = useCallback<Watch>((element, tell) => {
    tells.current.set(element, tell);
    observer.current?.observe(element);
    return () => {
      tells.current.delete(element);
      observer.current?.unobserve(element);
    };
  }, []);
  return typeof IntersectionObserver === "undefined" ? null : watch;
}

interface Nearby {
  readonly ref: (element: HTMLElement | null) => void;
  readonly isNear: boolean;
  /** The height it had when it was drawn last; null until then. */
  readonly height: number | null;
}

/** Whether an element is near enough to be drawn, and the place to keep for it while it is not. */
export function useNearby(watch: Watch | null, isNearAtFirst: boolean): Nearby {
  const [state, setState] = useState<Omit<Nearby, "ref">>({ isNear: isNearAtFirst || !watch, height: null });
  const end = useRef<(() => void) | null>(null);
  const ref = useCallback(
    (element: HTMLElement | null) => {
      end.current?.();
      const tell = (isNear: boolean, height: number) =>
        setState((now) => (isNear === now.isNear ? now : { isNear, height: isNear ? now.height : height }));
      end.current = element && watch ? watch(element, tell) : null;
    },
    [watch],
  );
  return { ref, ...state };
}
