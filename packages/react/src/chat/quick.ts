/** What is offered first where somebody reacts. */
export const QUICK_REACTIONS = ["👍", "❤️", "😂", "🎉", "👀", "🙏"] as const;

const ONLY_EMOJI =
  /^(?:\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\u{fe0f}|\u{200d}\p{Extended_Pictographic})*){1,3}$/u;

/** True for one to three emoji alone, which are shown large. */
export function isEmojiAlone(text: string): boolean {
  return text.length <= 24 && ONLY_EMOJI.test(text.trim());
}
