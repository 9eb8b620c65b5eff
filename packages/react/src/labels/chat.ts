import type { Language } from "../labels.js";
import { chatEn } from "./chat/en.js";
import { chatFr } from "./chat/fr.js";
import type { ChatLabels } from "./chat/types.js";

export type { ChatLabels, EmojiGroup, RefusedChange } from "./chat/types.js";
export { chatEn, chatFr };

/** The chat's catalogue of `language` with the host's own words laid over it. */
export function createChatLabels(language: Language, overrides?: Partial<ChatLabels>): ChatLabels {
  const base = language === "fr" ? chatFr : chatEn;
  return overrides ? { ...base, ...overrides } : base;
}
