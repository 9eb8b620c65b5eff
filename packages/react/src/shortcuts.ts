import { Store } from "@carillon/client";

const KEY = "carillon:shortcuts";

function read(): boolean {
  try {
    return localStorage.getItem(KEY) !== "0";
  } catch {
    return true;
  }
}

let store: Store<boolean> | undefined;

/** Whether single keys act; remembered by the browser, the same on the whole page. */
export function shortcutsStore(): Store<boolean> {
  store ??= new Store(read());
  return store;
}

/** Switches the single keys on or off. */
export function setShortcuts(areOn: boolean): void {
  shortcutsStore().set(areOn);
  try {
    localStorage.setItem(KEY, areOn ? "1" : "0");
  } catch {
    // A browser without storage forgets it; this page does not.
  }
}
