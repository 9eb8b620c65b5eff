import type { Message, Quote } from "@carillon/client";

const MOST_WORDS = 200;

/** A message as the quote that an answer to it carries. */
export function quoteOf({ id, seq, sender, content, deleted_at: deletedAt }: Message): Quote {
  return { id, seq, sender, content: [...content].slice(0, MOST_WORDS).join(""), is_deleted: deletedAt !== null };
}

/** The quoted message, as far as its quote tells: for an answer to what is not loaded. */
export function messageOf(quote: Quote, conversation: number): Message {
  return {
    id: quote.id,
    conversation,
    seq: quote.seq,
    client_id: "",
    sender: quote.sender,
    kind: "text",
    content: quote.content,
    mentions: [],
    reply_to: null,
    reactions: [],
    system: null,
    attachment: null,
    created_at: new Date(0).toISOString(),
    edited_at: null,
    deleted_at: quote.is_deleted ? new Date(0).toISOString() : null,
  };
}
