/** The parts of popover and dialog that jsdom lacks, as browsers have them: toggle events, light dismiss, Escape, focus. */

const open: { element: HTMLElement; before: Element | null }[] = [];

function tell(element: HTMLElement, type: string, newState: "open" | "closed"): void {
  const event = new Event(type, { bubbles: false });
  element.dispatchEvent(Object.assign(event, { newState, oldState: newState === "open" ? "closed" : "open" }));
}

function show(this: HTMLElement): void {
  if (open.some(({ element }) => element === this)) return;
  const inside = open.findLastIndex(({ element }) => element.contains(this));
  for (const { element } of open.slice(inside + 1).reverse()) element.hidePopover();
  tell(this, "beforetoggle", "open");
  open.push({ element: this, before: document.activeElement });
  this.setAttribute("data-open", "");
  // jsdom knows that a popover is hidden, but not when it is open.
  this.style.setProperty("display", "block", "important");
  tell(this, "toggle", "open");
}

function hide(this: HTMLElement): void {
  const at = open.findIndex(({ element }) => element === this);
  const entry = open[at];
  if (!entry) return;
  for (const { element } of open.slice(at + 1).reverse()) element.hidePopover();
  tell(this, "beforetoggle", "closed");
  open.splice(at, 1);
  this.removeAttribute("data-open");
  this.style.removeProperty("display");
  const hadFocus = this.contains(document.activeElement);
  if (hadFocus && entry.before instanceof HTMLElement) entry.before.focus();
  tell(this, "toggle", "closed");
}

function onClick(event: MouseEvent): void {
  const button = (event.target as Element).closest("button") as HTMLButtonElement | null;
  const target = button?.popoverTargetElement as HTMLElement | null | undefined;
  if (target) {
    if (target.hasAttribute("data-open")) target.hidePopover();
    else target.showPopover();
    return;
  }
  for (const { element } of [...open].reverse()) {
    if (element.contains(event.target as Node)) return;
    if (element.isConnected) element.hidePopover();
  }
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.key !== "Escape" || event.defaultPrevented) return;
  while (open.length > 0 && !open.at(-1)?.element.isConnected) open.pop();
  open.at(-1)?.element.hidePopover();
}

/** Teaches jsdom popovers and dialogs, once per test file. */
export function installPopover(): void {
  const prototype = HTMLElement.prototype;
  if (!("popoverTargetElement" in HTMLButtonElement.prototype)) {
    Object.defineProperty(HTMLButtonElement.prototype, "popoverTargetElement", { value: null, writable: true });
  }
  prototype.showPopover = show;
  prototype.hidePopover = hide;
  HTMLDialogElement.prototype.showModal = function showModal() {
    this.setAttribute("open", "");
    this.querySelector<HTMLElement>("button, input")?.focus();
  };
  HTMLDialogElement.prototype.close = function close() {
    this.removeAttribute("open");
  };
  document.addEventListener("click", onClick);
  // Browsers close by Escape whatever a listener stops on its way.
  document.addEventListener("keydown", onKeyDown, { capture: true });
}
