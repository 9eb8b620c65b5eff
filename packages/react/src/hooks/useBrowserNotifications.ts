import { type Notification as Entry, Store } from "@carillon/client";
import { useCallback, useEffect, useSyncExternalStore } from "react";
import { useCarillon } from "../context.js";
import { innerPath, safeUrl } from "../urls.js";
import { useNotificationsStore } from "./useNotifications.js";

const WANTED = "carillon:browser-notifications";

export type BrowserPermission = NotificationPermission | "unsupported";

export interface BrowserNotifications {
  /** What the person told the browser; `denied` can be changed in the browser's own settings only. */
  readonly permission: BrowserPermission;
  /** Wanted here and permitted: shown while the page is hidden. */
  readonly isOn: boolean;
  /** Ask for permission; call it from a click, after saying what for. A refusal is not asked again. */
  turnOn(): Promise<boolean>;
  turnOff(): void;
}

const isSupported = () => typeof window !== "undefined" && "Notification" in window;
const permissionNow = (): BrowserPermission => (isSupported() ? window.Notification.permission : "unsupported");

function readWanted(): boolean {
  try {
    return localStorage.getItem(WANTED) === "1";
  } catch {
    return false;
  }
}

interface Choice {
  permission: BrowserPermission;
  isWanted: boolean;
}

/** One for the page, however many components ask. */
const choice = new Store<Choice>({ permission: permissionNow(), isWanted: readWanted() });
const onServer: Choice = { permission: "unsupported", isWanted: false };

function want(isWanted: boolean): void {
  choice.set({ permission: permissionNow(), isWanted });
  try {
    localStorage.setItem(WANTED, isWanted ? "1" : "0");
  } catch {
    // A browser without storage forgets it; this page does not.
  }
}

async function turnOn(): Promise<boolean> {
  if (!isSupported()) return false;
  const permission = await window.Notification.requestPermission();
  want(permission === "granted");
  return permission === "granted";
}

/**
 * Notifications of the browser while this page is hidden. Nothing is asked before `turnOn`, which belongs into a click
 * (REQUIREMENTS 003-14). Tabs that are told the same replace each other's, so the person sees one.
 */
export function useBrowserNotifications(): BrowserNotifications {
  const { onNavigate, language } = useCarillon();
  const store = useNotificationsStore();
  const { permission, isWanted } = useSyncExternalStore(choice.subscribe, choice.getSnapshot, () => onServer);
  const isOn = isWanted && permission === "granted";

  const open = useCallback(
    (entry: Entry) => {
      window.focus();
      store?.markRead([entry.id]);
      const url = safeUrl(entry.url);
      if (!url) return;
      const path = innerPath(url);
      if (path !== null && onNavigate) onNavigate(path, entry);
      else location.assign(url);
    },
    [store, onNavigate],
  );

  useEffect(() => {
    if (!store || !isOn) return;
    // A store lives while somebody looks at it.
    const leave = store.subscribe(() => undefined);
    const end = store.onArrival(({ notification: entry }) => {
      if (!document.hidden) return;
      const shown = new window.Notification(entry.title, {
        body: entry.message,
        tag: `carillon:${entry.id}`,
        lang: language,
      });
      shown.onclick = () => {
        shown.close();
        open(entry);
      };
    });
    return () => {
      end();
      leave();
    };
  }, [store, isOn, open, language]);

  const turnOff = useCallback(() => want(false), []);
  return { permission, isOn, turnOn, turnOff };
}
