import { act } from "@testing-library/react";
import { vi } from "vitest";
import { settle } from "./render";

interface Sight {
  target: Element;
  isIntersecting: boolean;
  boundingClientRect: { height: number };
}
type Tell = (entries: Sight[]) => void;

/** A reader who scrolls: jsdom has no layout, so the test says what is near. */
export function installScrolling() {
  const watched = new Map<Element, Tell>();
  class Observer {
    readonly #tell: Tell;
    readonly #elements = new Set<Element>();

    constructor(tell: Tell) {
      this.#tell = tell;
    }

    observe(element: Element): void {
      this.#elements.add(element);
      watched.set(element, this.#tell);
    }

    unobserve(element: Element): void {
      if (this.#elements.delete(element) && watched.get(element) === this.#tell) watched.delete(element);
    }

    disconnect(): void {
      for (const element of [...this.#elements]) this.unobserve(element);
    }
  }
  vi.stubGlobal("IntersectionObserver", Observer);
  const show = (target: Element, isIntersecting: boolean, height = 0) =>
    act(() => watched.get(target)?.([{ target, isIntersecting, boundingClientRect: { height } }]));
  return {
    /** Resolves with false when the list has ended. */
    toEnd: async () => {
      const end = [...watched.keys()].find((element) => element.classList.contains("carillon-list-end"));
      if (!end) return false;
      show(end, true);
      await settle();
      return true;
    },
    /** Says of each part of the list whether it is near the view. */
    near: (isNear: (index: number) => boolean, height = 1234) => {
      for (const [index, part] of [...document.querySelectorAll(".carillon-list-chunk")].entries()) {
        show(part, isNear(index), height);
      }
    },
  };
}
