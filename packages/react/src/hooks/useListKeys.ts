import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from "react";
import type { Entry } from "../entries.js";
import { shortcutsStore } from "../shortcuts.js";

export interface ListCommands {
  readonly toggleRead: (entry: Entry) => void;
  readonly archive: (entry: Entry) => void;
  readonly snooze: (entry: Entry, anchor: HTMLElement) => void;
  readonly remove: (entry: Entry) => void;
  readonly search?: () => void;
  readonly help?: () => void;
}

interface Options {
  /** Another list starts without a current entry. */
  list: unknown;
  entries: readonly Entry[];
  root: RefObject<HTMLElement | null>;
  /** `page`: keys act wherever the focus is, but in a field; `inside`: only within `root`. */
  scope: "page" | "inside";
  commands: ListCommands;
}

export interface ListKeys {
  readonly currentId: string | null;
  readonly setCurrent: (id: string | null) => void;
  /** Makes the entry at `index` current and gives it the focus, once it is in the page. */
  readonly focusAt: (index: number) => void;
}

const STEPS: Record<string, number> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };
const ARROWS = new Set(["ArrowDown", "ArrowUp"]);

function linkOf(root: HTMLElement | null, id: string | undefined): HTMLElement | null {
  return root?.querySelector<HTMLElement>(`[data-id="${id}"] .carillon-row-link`) ?? null;
}

/** True where keys belong to something else: a field, a menu, a dialog, or another Carillon panel. */
function isElsewhere(event: KeyboardEvent, root: HTMLElement): boolean {
  const target = event.target as HTMLElement;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return true;
  if (target.closest?.("input, textarea, select, [contenteditable], [role=menu], dialog")) return true;
  const panel = target.closest?.("[popover]");
  return Boolean(panel && panel !== root && !panel.contains(root) && !root.contains(panel));
}

/** Moves through a list by keys, and acts on the entry where the keyboard is; when that one leaves, the next takes its place. */
export function useListKeys({ list: of, entries, root, scope, commands }: Options): ListKeys {
  const [current, setCurrentOf] = useState<{ of: unknown; id: string | null }>({ of, id: null });
  const currentId = current.of === of ? current.id : null;
  const setCurrent = useCallback((id: string | null) => setCurrentOf({ of, id }), [of]);
  const areOn = useSyncExternalStore(shortcutsStore().subscribe, shortcutsStore().getSnapshot, () => true);
  const lastIndex = useRef(0);
  const wanted = useRef<number | null>(null);
  const latest = useRef({ entries, commands, currentId });
  useLayoutEffect(() => {
    latest.current = { entries, commands, currentId };
  });

  const index = currentId === null ? -1 : entries.findIndex((entry) => entry.id === currentId);
  useLayoutEffect(() => {
    if (index >= 0) lastIndex.current = index;
    const hasLeft = currentId !== null && index < 0;
    if (!hasLeft && wanted.current === null) return;
    const at = Math.min(wanted.current ?? lastIndex.current, entries.length - 1);
    const next = entries[at]?.id ?? null;
    const mayFocus = wanted.current !== null || document.activeElement === document.body;
    const link = next && mayFocus ? linkOf(root.current, next) : null;
    // A row that is far from view is drawn once it is current.
    wanted.current = next && mayFocus && !link && next !== currentId ? at : null;
    setCurrent(next);
    link?.focus();
  });

  const move = useCallback(
    (to: number) => {
      const entry = latest.current.entries[to];
      if (!entry) return;
      const link = linkOf(root.current, entry.id);
      wanted.current = link ? null : to;
      setCurrent(entry.id);
      link?.focus();
    },
    [root, setCurrent],
  );

  const press = useCallback(
    (event: KeyboardEvent) => {
      const element = root.current;
      if (!element || isElsewhere(event, element)) return;
      const isMeant = ARROWS.has(event.key) ? element.contains(event.target as Node) : areOn;
      if (!isMeant) return;
      const { entries: list, commands: act, currentId: last } = latest.current;
      const id = meantId(event, last);
      const at = id === null ? -1 : list.findIndex((entry) => entry.id === id);
      const step = STEPS[event.key];
      const current = at < 0 ? undefined : list[at];
      const run =
        step === undefined ? commandOf(event.key, act, current, element) : () => move(nextIndex(at, step, list));
      if (!run) return;
      event.preventDefault();
      run();
    },
    [root, areOn, move],
  );

  useEffect(() => {
    const target: EventTarget | null = scope === "page" ? document : root.current;
    const listener = press as EventListener;
    target?.addEventListener("keydown", listener);
    return () => target?.removeEventListener("keydown", listener);
  }, [scope, root, press]);

  const focusAt = useCallback((to: number) => {
    wanted.current = to;
  }, []);
  return { currentId, setCurrent, focusAt };
}

/** Who came by Tab means the row where they are; a walk begins at the first row all the same. */
function meantId({ key, target }: KeyboardEvent, current: string | null): string | null {
  if (current === null && key in STEPS) return null;
  return (target as Element).closest?.<HTMLElement>("[data-id]")?.dataset["id"] ?? current;
}

function nextIndex(at: number, step: number, list: readonly Entry[]): number {
  return at < 0 ? 0 : Math.min(Math.max(at + step, 0), list.length - 1);
}

function commandOf(
  key: string,
  act: ListCommands,
  current: Entry | undefined,
  root: HTMLElement,
): (() => void) | undefined {
  if (key === "?") return act.help;
  if (key === "/") return act.search;
  if (!current) return undefined;
  if (key === "u") return () => act.toggleRead(current);
  if (key === "e") return () => act.archive(current);
  if (key === "Delete") return () => act.remove(current);
  if (key === "h") {
    const anchor = root.querySelector<HTMLElement>(`[data-id="${current.id}"] .carillon-row-end`);
    return anchor ? () => act.snooze(current, anchor) : undefined;
  }
  return undefined;
}
