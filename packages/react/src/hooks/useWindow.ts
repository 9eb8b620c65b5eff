import { useCallback, useState } from "react";

/** So many rows are drawn at first, and again so many each time the end comes near: a list that was loaded far down opens at once. */
const STEP = 60;

interface Window<Item> {
  readonly shown: readonly Item[];
  readonly hasMore: boolean;
  readonly showMore: () => void;
}

/** The part of `items` that is drawn; another `list` starts at its top again. */
export function useWindow<Item>(list: unknown, items: readonly Item[]): Window<Item> {
  const [state, setState] = useState({ of: list, size: STEP });
  const size = state.of === list ? state.size : STEP;
  const showMore = useCallback(() => setState({ of: list, size: size + STEP }), [list, size]);
  const hasMore = items.length > size;
  return { shown: hasMore ? items.slice(0, size) : items, hasMore, showMore };
}
