/** What a page shows of a window of messages: the server's, the reader's own changes over them, and what is unsent. */
import type { Member, Message, Person } from "../protocol.js";
import { readersBySeq } from "../reducers/conversation.js";
import type { MessageItem, OutboxMessage } from "./conversations_contract.js";

export class MessagesView {
  #me: string | null = null;
  /** An item stays the same object while its message does, so that a list draws only what changed. */
  #items = new WeakMap<Message, MessageItem>();
  #readersOf: { messages: readonly Message[]; members: readonly Member[] } | null = null;
  #readers: ReadonlyMap<number, readonly Member[]> = new Map();

  item(message: Message, me: string | null, isChanging: boolean): MessageItem {
    if (me !== this.#me) {
      this.#me = me;
      this.#items = new WeakMap();
    }
    const known = this.#items.get(message);
    if (known !== undefined && known.isChanging === isChanging) return known;
    const isMine = me !== null && message.sender?.id === me;
    const item = { key: keyOf(message), message, delivery: "sent", failure: null, isMine, isChanging } as const;
    this.#items.set(message, item);
    return item;
  }

  readers(members: readonly Member[], messages: readonly Message[], me: string | null) {
    const before = this.#readersOf;
    if (before?.messages !== messages || before.members !== members) {
      this.#readersOf = { messages, members };
      const seqs = messages.map(({ seq }) => seq);
      this.#readers = readersBySeq(members, seqs, me);
    }
    return this.#readers;
  }
}

/** An unsent message as it will look once it is sent. */
export function unsentItem(message: OutboxMessage, sender: Person | null): MessageItem {
  const { clientId, conversation, content, replyTo, createdAt, state, failure } = message;
  const shown: Message = {
    id: 0,
    conversation,
    seq: 0,
    client_id: clientId,
    sender,
    kind: "text",
    content,
    mentions: [],
    reply_to: replyTo,
    reactions: [],
    system: null,
    attachment: null,
    created_at: createdAt,
    edited_at: null,
    deleted_at: null,
  };
  return { key: keyOf(shown), message: shown, delivery: state, failure, isMine: true, isChanging: false };
}

/** The same for a message before and after it was sent. */
function keyOf({ id, client_id, sender }: Message): string {
  return client_id === "" ? `${id}` : `${sender?.id ?? ""}:${client_id}`;
}
