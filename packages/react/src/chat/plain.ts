import { type Block, type Message, parseMarkdown, plainText } from "@carillon/client";

const nodes = new WeakMap<Message, readonly Block[]>();
const words = new WeakMap<Message, string>();

/** The words of a message as nodes; parsed once for each state of it. */
export function nodesOf(message: Message): readonly Block[] {
  const known = nodes.get(message);
  if (known) return known;
  const parsed = parseMarkdown(message.content, { mentions: message.mentions });
  nodes.set(message, parsed);
  return parsed;
}

/** The bare words of a message on one line; made once for each state of it. */
export function wordsOf(message: Message): string {
  const known = words.get(message);
  if (known !== undefined) return known;
  const plain = plainText(message.content, { mentions: message.mentions });
  words.set(message, plain);
  return plain;
}
