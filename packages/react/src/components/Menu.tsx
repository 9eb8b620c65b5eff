import { type KeyboardEvent, type ReactElement, useEffect, useId, useLayoutEffect, useRef } from "react";
import { Icon, type IconName } from "./Icon.js";

export interface MenuItem {
  readonly label: string;
  readonly hint?: string;
  readonly icon?: IconName | ReactElement;
  readonly run: () => void;
}

export interface MenuRequest {
  /** What opened it: the menu stands beside it, and gives the focus back to it. */
  readonly anchor: HTMLElement;
  readonly title: string;
  readonly items: readonly MenuItem[];
}

const GAP = 4;
const EDGE = 8;

/** Puts `menu` under the end of `anchor`, over it where there is no room below, and always inside the view. */
export function place(menu: HTMLElement, anchor: HTMLElement): void {
  const from = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const isRtl = getComputedStyle(anchor).direction === "rtl";
  const below = from.bottom + GAP + height <= innerHeight - EDGE;
  const top = below ? from.bottom + GAP : Math.max(EDGE, from.top - GAP - height);
  const left = isRtl ? from.left : from.right - width;
  menu.style.top = `${top}px`;
  menu.style.left = `${Math.min(Math.max(EDGE, left), innerWidth - width - EDGE)}px`;
}

/** One menu in the top layer: arrows, Home, End and first letters move; Escape, Tab and a press elsewhere close it. */
export function Menu({ request, onClose }: { request: MenuRequest; onClose: () => void }) {
  const ref = useRef<HTMLDivElement>(null);
  const titleId = useId();
  const { anchor, title, items } = request;
  const closed = useRef(onClose);
  useLayoutEffect(() => {
    closed.current = onClose;
  });

  useLayoutEffect(() => {
    const menu = ref.current;
    if (!menu) return;
    menu.showPopover();
    place(menu, anchor);
    menu.querySelector<HTMLElement>('[role="menuitem"]')?.focus({ preventScroll: true });
  }, [anchor]);

  useEffect(() => {
    const menu = ref.current;
    if (!menu) return;
    const onToggle = (event: Event) => {
      if ((event as ToggleEvent).newState === "closed") closed.current();
    };
    const close = (event: Event) => {
      if (event.type === "resize" || !menu.contains(event.target as Node)) menu.hidePopover();
    };
    menu.addEventListener("toggle", onToggle);
    addEventListener("scroll", close, { capture: true, passive: true });
    addEventListener("resize", close);
    return () => {
      menu.removeEventListener("toggle", onToggle);
      removeEventListener("scroll", close, { capture: true });
      removeEventListener("resize", close);
    };
  }, []);

  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === "Tab") {
      event.preventDefault();
      ref.current?.hidePopover();
      return;
    }
    const all = [...(ref.current?.querySelectorAll<HTMLElement>('[role="menuitem"]') ?? [])];
    const target = nextItem(event.key, all);
    if (!target) return;
    event.preventDefault();
    target.focus();
  };

  return (
    <div ref={ref} className="carillon-menu" popover="auto">
      <div role="menu" aria-labelledby={titleId} tabIndex={-1} onKeyDown={onKeyDown}>
        <div className="carillon-menu-title" id={titleId} role="presentation">
          {title}
        </div>
        {items.map(({ label, hint, icon, run }) => (
          <button
            key={label}
            type="button"
            role="menuitem"
            tabIndex={-1}
            className="carillon-menu-item"
            onClick={() => {
              ref.current?.hidePopover();
              run();
            }}
          >
            {typeof icon === "string" ? <Icon name={icon} /> : icon}
            <span className="carillon-menu-label">{label}</span>
            {hint && <span className="carillon-menu-hint">{hint}</span>}
          </button>
        ))}
      </div>
    </div>
  );
}

function nextItem(key: string, all: readonly HTMLElement[]): HTMLElement | undefined {
  const at = all.indexOf(document.activeElement as HTMLElement);
  if (key === "ArrowDown") return all[(at + 1) % all.length];
  if (key === "ArrowUp") return all.at(at <= 0 ? -1 : at - 1);
  if (key === "Home") return all[0];
  if (key === "End") return all.at(-1);
  if (key.length !== 1) return undefined;
  const later = [...all.slice(at + 1), ...all.slice(0, at + 1)];
  return later.find((item) => item.textContent?.trim().toLowerCase().startsWith(key.toLowerCase()));
}
