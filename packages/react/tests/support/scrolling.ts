import { act } from "@testing-library/react";
import { vi } from "vitest";
import { settle } from "./render";

type Tell = (entries: { isIntersecting: boolean }[]) => void;

/** A reader who scrolls: jsdom has no layout, so the test says when the end of the list comes near. */
export function installScrolling(): { toEnd: () => Promise<boolean> } {
  const watched = new Map<Element, Tell>();
  class Observer {
    readonly #tell: Tell;
    #element: Element | null = null;

    constructor(tell: Tell) {
      this.#tell = tell;
    }

    observe(element: Element): void {
      this.#element = element;
      if (element.classList.contains("carillon-list-end")) watched.set(element, this.#tell);
    }

    disconnect(): void {
      if (this.#element && watched.get(this.#element) === this.#tell) watched.delete(this.#element);
    }
  }
  vi.stubGlobal("IntersectionObserver", Observer);
  return {
    /** Resolves with false when the list has ended. */
    toEnd: async () => {
      const [tell] = watched.values();
      if (!tell) return false;
      act(() => tell([{ isIntersecting: true }]));
      await settle();
      return true;
    },
  };
}
