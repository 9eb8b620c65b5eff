import { type RefObject, useCallback, useEffect, useState } from "react";

interface Holding {
  /** True while new rows would push what is looked at: the list is scrolled, pointed at, or has the focus. */
  readonly isHolding: boolean;
  /** Marks the top of the list. */
  readonly topRef: (element: HTMLElement | null) => void;
  readonly listProps: {
    onPointerEnter: (event: { pointerType: string }) => void;
    onPointerLeave: () => void;
    onFocus: () => void;
    onBlur: (event: { currentTarget: Node; relatedTarget: Node | null }) => void;
  };
}

/** Watches whether the reader is in the list; `scroller` is what scrolls it, the window when absent. */
export function useHolding(scroller?: RefObject<HTMLElement | null>): Holding {
  const [isScrolled, setScrolled] = useState(false);
  const [isPointed, setPointed] = useState(false);
  const [isFocused, setFocused] = useState(false);
  const [top, topRef] = useState<HTMLElement | null>(null);

  useEffect(() => {
    if (!top || typeof IntersectionObserver === "undefined") return;
    const observer = new IntersectionObserver((entries) => setScrolled(entries.at(-1)?.isIntersecting === false), {
      root: scroller?.current ?? null,
    });
    observer.observe(top);
    return () => observer.disconnect();
  }, [top, scroller]);

  const onPointerEnter = useCallback(({ pointerType }: { pointerType: string }) => {
    if (pointerType === "mouse") setPointed(true);
  }, []);
  const onPointerLeave = useCallback(() => setPointed(false), []);
  const onFocus = useCallback(() => setFocused(true), []);
  const onBlur = useCallback((event: { currentTarget: Node; relatedTarget: Node | null }) => {
    if (!event.currentTarget.contains(event.relatedTarget)) setFocused(false);
  }, []);
  return {
    isHolding: isScrolled || isPointed || isFocused,
    topRef,
    listProps: { onPointerEnter, onPointerLeave, onFocus, onBlur },
  };
}
