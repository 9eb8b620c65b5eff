import { Store } from "@carillon/client";

const KEY = "carillon:enter-sends";

/** What the person chose, else: Enter sends where there is a keyboard with a Shift key. */
function read(): boolean {
  try {
    const kept = localStorage.getItem(KEY);
    if (kept !== null) return kept === "1";
  } catch {
    // A browser without storage forgets it.
  }
  return typeof matchMedia !== "function" || !matchMedia("(pointer: coarse)").matches;
}

let store: Store<boolean> | undefined;

/** Whether Enter sends a message (else it breaks the line, and Ctrl+Enter sends); remembered by the browser. */
export function enterSendsStore(): Store<boolean> {
  store ??= new Store(read());
  return store;
}

export function setEnterSends(isOn: boolean): void {
  enterSendsStore().set(isOn);
  try {
    localStorage.setItem(KEY, isOn ? "1" : "0");
  } catch {
    // This page knows it all the same.
  }
}
