/** What a person can do in conversations, beside sending: each is a pending write, a command, and a way back. */

import type { CarillonClient } from "../api.js";
import type { Member, Message } from "../protocol.js";
import { type ConversationWrite, hasReacted } from "../reducers/conversation_writes.js";
import type { WriteHandle } from "./contract.js";
import { type ConversationWrites, conversationWrites } from "./conversation_writes.js";
import type { ConversationAction, MemberRole } from "./conversations_contract.js";

export class ConversationActions {
  readonly #client: CarillonClient;
  readonly #writes: ConversationWrites;

  constructor(client: CarillonClient) {
    this.#client = client;
    this.#writes = conversationWrites(client);
  }

  /** Id of the signed-in person; null while nobody is known. */
  get me(): string | null {
    return this.#client.session.state.getSnapshot().person?.id ?? null;
  }

  edit(message: Named, content: string): WriteHandle {
    const { conversation, id } = message;
    const before = message.content;
    return this.#writes.submit({
      write: { action: "edit", conversation, message: id, change: { content } },
      command: "message.edit",
      data: { conversation, message: id, content },
      opposite: before === undefined ? null : () => this.edit({ conversation, id, content }, before),
    });
  }

  remove({ conversation, id }: Named, holdFor = 0): WriteHandle {
    return this.#writes.submit({
      write: { action: "delete", conversation, message: id, change: {} },
      command: "message.delete",
      data: { conversation, message: id },
      holdFor,
      opposite: null,
    });
  }

  /** Without `on` the opposite of what `message` shows. */
  react(message: Named & { reactions?: Message["reactions"] }, emoji: string, on?: boolean): WriteHandle {
    const { conversation, id, reactions = [] } = message;
    const wanted = on ?? !hasReacted({ reactions } as Message, emoji, this.me);
    return this.#writes.submit({
      write: { action: "react", conversation, message: id, change: { emoji, on: wanted, me: this.me } },
      command: "message.react",
      data: { conversation, message: id, emoji, on: wanted },
      opposite: () => this.react({ conversation, id }, emoji, !wanted),
    });
  }

  /** `before`: until when it was muted, undefined when that is not known. */
  mute(conversation: number, until: string | null, before: string | null | undefined): WriteHandle {
    const opposite = before === undefined ? null : () => this.mute(conversation, before, until);
    return this.#submit("mute", "conversation.mute", conversation, { until }, opposite);
  }

  leave(conversation: number, holdFor = 0): WriteHandle {
    return this.#writes.submit({
      write: { action: "leave", conversation, message: null, change: {} },
      command: "conversation.leave",
      data: { conversation },
      holdFor,
      opposite: null,
    });
  }

  update(conversation: number, change: Titles, before: Titles | null): WriteHandle {
    const former = before && (Object.keys(change) as (keyof Titles)[]).map((name) => [name, before[name]]);
    const opposite = former && (() => this.update(conversation, Object.fromEntries(former), change));
    return this.#submit("update", "conversation.update", conversation, { ...change }, opposite);
  }

  addMembers(conversation: number, people: readonly string[]): WriteHandle {
    return this.#writes.submit({
      write: { action: "add_members", conversation, message: null, change: {} },
      command: "member.add",
      data: { conversation, people: [...people] },
      opposite: null,
    });
  }

  removeMember(conversation: number, person: string): WriteHandle {
    return this.#submit("remove_member", "member.remove", conversation, { person }, null);
  }

  setRole(conversation: number, person: string, role: MemberRole, before: Member | undefined): WriteHandle {
    const opposite = before === undefined ? null : () => this.setRole(conversation, person, before.role, before);
    return this.#submit("set_role", "member.set_role", conversation, { person, role }, opposite);
  }

  block(person: string, blocks: boolean): WriteHandle {
    return this.#writes.submit({
      write: { action: blocks ? "block" : "unblock", conversation: null, message: null, change: { person } },
      command: blocks ? "person.block" : "person.unblock",
      data: { person },
      opposite: () => this.block(person, !blocks),
    });
  }

  #submit(
    action: ConversationAction,
    command: string,
    conversation: number,
    change: ConversationWrite["change"],
    opposite: (() => WriteHandle) | null,
  ): WriteHandle {
    const write = { action, conversation, message: null, change };
    return this.#writes.submit({ write, command, data: { conversation, ...change }, opposite });
  }
}

type Named = Pick<Message, "conversation" | "id"> & { content?: string };

export interface Titles {
  title?: string;
  picture?: string;
}
