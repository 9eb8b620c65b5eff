/** One unsent message as the outbox holds it. */
import type { Message, Quote } from "../protocol.js";
import type { OutboxMessage } from "./conversations_contract.js";
import type { StoredMessage } from "./outbox_storage.js";

const EXCERPT = 200;

export interface Item extends StoredMessage {
  state: OutboxMessage["state"];
  /** Settles when it is in the storage (or cannot be had there). */
  saved: Promise<boolean>;
  isStored: boolean;
  readonly stop: AbortController;
}

/** The part of it that is kept. */
export function storedOf(item: Item): StoredMessage {
  const { owner, clientId, conversation, content, replyTo, createdAt, order, failure } = item;
  return { owner, clientId, conversation, content, replyTo, createdAt, order, failure };
}

/** The beginning of the message that is answered. */
export function quoteOf({ id, seq, sender, content, deleted_at }: Message): Quote {
  return { id, seq, sender, content: content.slice(0, EXCERPT), is_deleted: deleted_at !== null };
}
