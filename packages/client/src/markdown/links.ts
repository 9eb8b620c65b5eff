/** Which addresses a link may carry, and where bare ones end in running text. */

const SCHEMES = /^(https?:\/\/[^/?#]|mailto:[^\s@]+@[^\s@])/i;
/** Controls, spaces, and what could end an attribute or start a tag: a real address writes them percent-encoded. */
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  /[\u0000-\u0020\u007f-\u00a0\u00ad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff"'<>\\^`{|}]/;

const CLOSING: Readonly<Record<string, string>> = { ")": "(", "]": "[" };

/** The address when a link may carry it, else null. */
export function safeUrl(url: string): string | null {
  return SCHEMES.test(url) && !UNSAFE.test(url) && isAddress(url) ? url : null;
}

/** A bare address at `start`, as it stands there, without what belongs to the sentence around it. */
export function bareUrl(text: string, start: number): string {
  const open: Record<string, number> = { "(": 0, "[": 0 };
  let end = start;
  for (; end < text.length && !UNSAFE.test(text.charAt(end)); end += 1) {
    const char = text.charAt(end);
    if (char in open) open[char] = (open[char] ?? 0) + 1;
    const opening = CLOSING[char];
    if (opening === undefined) continue;
    // A bracket that was opened before the address ends it.
    if (open[opening] === 0) break;
    open[opening] = (open[opening] ?? 0) - 1;
  }
  while (end > start && /[.,:;!?*_~([»…”’]/.test(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isAddress(url: string): boolean {
  try {
    return new URL(url).href !== "";
  } catch {
    return false;
  }
}
