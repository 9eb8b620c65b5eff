import type { ChatWords } from "./words.js";

interface Refusal {
  readonly code: string;
  readonly message: string;
}

/** The sentence of a refusal. The server's say more, but they are English: elsewhere `own`, by code, where there is one. */
export function refusalText(
  { code, message }: Refusal,
  { locale }: Pick<ChatWords, "locale">,
  own: Readonly<Record<string, string>>,
): string {
  return locale.startsWith("en") ? message : (own[code] ?? message);
}
