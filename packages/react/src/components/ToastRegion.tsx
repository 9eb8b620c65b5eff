import { type CSSProperties, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useCarillon } from "../context.js";
import type { Toast, Toasts } from "../toasts.js";

/** True where Ctrl+Z belongs to the text that is being written. */
function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null;
}

/** Ends the toast after its time; the time stands still while `isPaused`. */
function useTimeLeft(toasts: Toasts, toast: Toast, isPaused: boolean): void {
  const left = useRef(toast.time);
  useEffect(() => {
    if (isPaused) return;
    const began = Date.now();
    const timer = setTimeout(() => toasts.dismiss(toast.id), left.current);
    return () => {
      clearTimeout(timer);
      left.current -= Date.now() - began;
    };
  }, [toasts, toast.id, isPaused]);
}

/** Ctrl+Z or ⌘Z takes back what the toast tells of. */
function useUndoKey(toasts: Toasts, isUndo: boolean): void {
  useEffect(() => {
    if (!isUndo) return;
    const onKeyDown = (event: KeyboardEvent) => {
      const isUndoKey = event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey;
      if (!isUndoKey || isWriting(event.target)) return;
      event.preventDefault();
      toasts.act();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [toasts, isUndo]);
}

function ToastView({ toasts, toast }: { toasts: Toasts; toast: Toast }) {
  const [isHovered, setHovered] = useState(false);
  const [isFocused, setFocused] = useState(false);
  useTimeLeft(toasts, toast, isHovered || isFocused);
  useUndoKey(toasts, toast.action?.isUndo ?? false);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: looking at it stops its time, for a keyboard its button does the same
    <div
      className="carillon-toast"
      data-action={toast.action ? "" : undefined}
      style={{ "--carillon-toast-time": `${toast.time}ms` } as CSSProperties}
      onPointerEnter={() => setHovered(true)}
      onPointerLeave={() => setHovered(false)}
      onFocus={() => setFocused(true)}
      onBlur={() => setFocused(false)}
    >
      <span className="carillon-toast-text">{toast.text}</span>
      {toast.action && (
        <button type="button" className="carillon-toast-action" onClick={() => toasts.act()}>
          {toast.action.label}
        </button>
      )}
    </div>
  );
}

/** A place for the one toast: the provider has one at the foot of the page, an open panel its own. It never takes the focus. */
export function ToastRegion() {
  const { toasts } = useCarillon();
  const [place] = useState(() => Symbol("toasts"));
  const { toast, place: chosen } = useSyncExternalStore(
    toasts.state.subscribe,
    toasts.state.getSnapshot,
    toasts.state.getSnapshot,
  );
  useEffect(() => toasts.offerPlace(place), [toasts, place]);
  return (
    <div className="carillon carillon-toasts" role="status">
      {toast && chosen === place && <ToastView key={toast.id} toasts={toasts} toast={toast} />}
    </div>
  );
}
