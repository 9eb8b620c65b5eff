import type { Language } from "@carillon/react";
import { useSyncExternalStore } from "react";

export type Theme = "auto" | "light" | "dark";
const THEMES: readonly string[] = ["auto", "light", "dark"];

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function keep(name: string, value: string): void {
  try {
    localStorage.setItem(`carillon-demo:${name}`, value);
  } catch {
    // A browser without storage forgets it when the page is left.
  }
  for (const listener of [...listeners]) listener();
}

const root = document.documentElement;

/** The theme of the page, kept in the browser. */
export function useTheme(): [Theme, (theme: Theme) => void] {
  const theme = useSyncExternalStore(subscribe, () => {
    const chosen = root.dataset["theme"] ?? "auto";
    return (THEMES.includes(chosen) ? chosen : "auto") as Theme;
  });
  return [theme, setTheme];
}

function setTheme(theme: Theme): void {
  root.dataset["theme"] = theme;
  keep("theme", theme);
}

/** The language of the page: `html lang` is its one home. */
export function useLanguage(): [Language, (language: Language) => void] {
  const language = useSyncExternalStore(subscribe, () => (root.lang.startsWith("fr") ? "fr" : "en"));
  return [language, setLanguage];
}

/** Switches the page, and remembers it for the next visit. */
export function setLanguage(language: Language): void {
  if (root.lang === language) return;
  root.lang = language;
  keep("language", language);
}
