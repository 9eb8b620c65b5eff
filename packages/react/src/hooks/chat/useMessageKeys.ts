import type { Message, MessageItem } from "@carillon/client";
import { type KeyboardEvent, type RefObject, useSyncExternalStore } from "react";
import type { ThreadRow } from "../../chat/rows.js";
import { shortcutsStore } from "../../shortcuts.js";
import type { MessageModel } from "./useMessageHandlers.js";

interface Options {
  list: RefObject<HTMLElement | null>;
  rows: readonly ThreadRow[];
  model: MessageModel;
  onReply: (message: Message) => void;
  onEdit: (message: Message) => void;
  onDown: () => void;
  onLeave: () => void;
  onHelp: () => void;
}

const STEPS: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 };
const ARROWS = new Set(["ArrowDown", "ArrowUp"]);
const MESSAGE = ".carillon-message";

/** The message that the keyboard comes to first: the last one in view. */
function lastInView(list: HTMLElement, all: readonly HTMLElement[]): HTMLElement | undefined {
  const bottom = list.closest(".carillon-thread-scroll")?.getBoundingClientRect().bottom ?? 0;
  return all.findLast((element) => element.getBoundingClientRect().bottom <= bottom) ?? all.at(-1);
}

/** The keys of a thread: arrows or j and k from message to message, r answers, e edits, Escape leaves. */
export function useMessageKeys(options: Options): (event: KeyboardEvent<HTMLElement>) => void {
  const { list, rows, model, onReply, onEdit, onDown, onLeave, onHelp } = options;
  const areOn = useSyncExternalStore(shortcutsStore().subscribe, shortcutsStore().getSnapshot, () => true);

  const move = (step: number) => {
    const all = [...(list.current?.querySelectorAll<HTMLElement>(MESSAGE) ?? [])];
    const at = all.findIndex((element) => element.contains(document.activeElement));
    const next = at < 0 && list.current ? lastInView(list.current, all) : all[at + step];
    if (next) next.focus();
    else if (at === all.length - 1 && step > 0) onDown();
  };
  const itemAt = (target: EventTarget): MessageItem | null => {
    const key = (target as Element).closest<HTMLElement>(MESSAGE)?.dataset["key"];
    const row = key === undefined ? undefined : rows.find((one) => one.key === key);
    return row?.kind === "message" && row.item.message.id !== 0 && !row.item.message.deleted_at ? row.item : null;
  };
  const commandOf = (key: string, target: EventTarget): (() => void) | undefined => {
    if (key === "?") return onHelp;
    const item = itemAt(target);
    if (!item) return undefined;
    if (key === "r") return () => onReply(item.message);
    if (key === "e" && item.isMine) return () => onEdit(item.message);
    if (key === "Delete" && item.isMine) return () => model.menu.remove(item.message);
    return undefined;
  };
  return (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const { key, target } = event;
    if (key === "Escape") {
      onLeave();
      return;
    }
    if (!areOn && !ARROWS.has(key)) return;
    const step = STEPS[key];
    const run = step === undefined ? commandOf(key, target) : () => move(step);
    if (!run) return;
    event.preventDefault();
    run();
  };
}
