import { en } from "./labels/en.js";
import { fr } from "./labels/fr.js";
import type { Labels, Language } from "./labels/types.js";

export type { Blank, Labels, Language, RefusedAction } from "./labels/types.js";
export { en, fr };

/** The catalogue of `language` with the host's own words laid over it. */
export function createLabels(language: Language, overrides?: Partial<Labels>): Labels {
  const base = language === "fr" ? fr : en;
  return overrides ? { ...base, ...overrides } : base;
}

/** The language of a BCP 47 tag: French for `fr…`, English for anything else. */
export function languageOf(tag: string | undefined): Language {
  return tag?.toLowerCase().startsWith("fr") ? "fr" : "en";
}
