import { useCarillon } from "../context.js";
import { type ChatLabels, createChatLabels } from "../labels/chat.js";
import type { Labels } from "../labels.js";

export type ChatWords = Labels & ChatLabels;

const known = new WeakMap<Labels, ChatWords>();

/** Every text in the current language, those of the chat among them. The same object until language or overrides change. */
export function useChatWords(): ChatWords {
  const { labels, language, overrides } = useCarillon();
  const words = known.get(labels) ?? { ...labels, ...createChatLabels(language, overrides), ...overrides };
  known.set(labels, words);
  return words;
}
