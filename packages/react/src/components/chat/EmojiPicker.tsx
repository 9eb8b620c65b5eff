import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from "react";
import { EMOJI_GROUPS, type Emoji, findEmoji } from "../../chat/emoji.js";
import { QUICK_REACTIONS } from "../../chat/quick.js";
import { useChatWords } from "../../chat/words.js";
import { Icon } from "../Icon.js";
import { place } from "../Menu.js";
import type { EmojiRequest } from "./Emojis.js";

const STEPS: Record<string, (columns: number) => number> = {
  ArrowRight: () => 1,
  ArrowLeft: () => -1,
  ArrowDown: (columns) => columns,
  ArrowUp: (columns) => -columns,
};

/** Opens the popover beside what asked for it, tells when it was closed, and gives the focus back. */
function usePopover(onClose: () => void, anchor: HTMLElement) {
  const ref = useRef<HTMLDivElement>(null);
  const closed = useRef(onClose);
  useLayoutEffect(() => {
    closed.current = onClose;
  });
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    element.showPopover();
    place(element, anchor);
    const isTouch = typeof matchMedia === "function" && matchMedia("(pointer: coarse)").matches;
    // A finger gets the list, not a keyboard that hides it.
    element.querySelector<HTMLElement>(isTouch ? ".carillon-emoji-one" : "input")?.focus({ preventScroll: true });
  }, [anchor]);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const onToggle = (event: Event) => {
      if ((event as ToggleEvent).newState === "closed") closed.current();
    };
    element.addEventListener("toggle", onToggle);
    return () => element.removeEventListener("toggle", onToggle);
  }, []);
  return ref;
}

/** Choose an emoji: by the list, by arrows, or by a word in either language. */
export default function EmojiPicker({ request, onClose }: { request: EmojiRequest; onClose: () => void }) {
  const words = useChatWords();
  const [q, setQ] = useState("");
  const ref = usePopover(onClose, request.anchor);
  const isFrench = words.locale.startsWith("fr");
  const found = q.trim() === "" ? null : findEmoji(q);

  const pick = (char: string) => {
    ref.current?.hidePopover();
    request.onPick(char);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    event.stopPropagation();
    const all = [...event.currentTarget.querySelectorAll<HTMLElement>(".carillon-emoji-one")];
    const at = all.indexOf(document.activeElement as HTMLElement);
    if (at < 0 && event.key !== "ArrowDown") {
      if (event.key !== "Enter" || !found?.[0]) return;
      // The field that gets the focus back must not take the key as its own.
      event.preventDefault();
      pick(found[0].char);
      return;
    }
    const step = STEPS[event.key];
    if (!step) return;
    const top = all[at]?.offsetTop;
    const columns = Math.max(1, all.filter((one) => one.offsetTop === top).length);
    const next = at < 0 ? all[0] : all[at + step(columns)];
    event.preventDefault();
    if (next) next.focus();
    else if (event.key === "ArrowUp") event.currentTarget.querySelector("input")?.focus();
  };
  const one = ({ char, en, fr }: Emoji, index: number) => (
    <button
      key={char}
      type="button"
      className="carillon-emoji-one"
      aria-label={isFrench ? fr : en}
      title={isFrench ? fr : en}
      tabIndex={index === 0 ? 0 : -1}
      onClick={() => pick(char)}
    >
      {char}
    </button>
  );
  return (
    <div
      ref={ref}
      className="carillon-emoji"
      popover="auto"
      role="dialog"
      aria-label={words.insertEmoji}
      onKeyDown={onKeyDown}
    >
      <div className="carillon-emoji-head">
        <label className="carillon-search">
          <Icon name="search" />
          <input
            className="carillon-input"
            type="search"
            aria-label={words.searchEmoji}
            placeholder={words.searchEmoji}
            value={q}
            onChange={(event) => setQ(event.currentTarget.value)}
          />
        </label>
      </div>
      <div className="carillon-emoji-body">
        {found ? (
          <>
            <div className="carillon-emoji-grid">{found.map(one)}</div>
            {found.length === 0 && <p className="carillon-picker-note">{words.noEmoji}</p>}
          </>
        ) : (
          <>
            <div className="carillon-emoji-grid">
              {QUICK_REACTIONS.map((char, index) => one(findEmoji(char)[0] ?? { char, en: char, fr: char }, index))}
            </div>
            {EMOJI_GROUPS.map(([group, list]) => (
              <div key={group}>
                <h3 className="carillon-emoji-heading">{words.emojiGroups[group]}</h3>
                <div className="carillon-emoji-grid">{list.map(one)}</div>
              </div>
            ))}
          </>
        )}
      </div>
    </div>
  );
}
