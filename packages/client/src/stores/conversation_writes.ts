/** The writes to conversations that the server has not decided yet: one list for all stores of a client. */
import type { CarillonClient } from "../api.js";
import { asClientError, ClientError } from "../errors.js";
import type { ConversationWrite } from "../reducers/conversation_writes.js";
import { createClientId } from "../writes.js";
import type { WriteHandle } from "./contract.js";
import type { ConversationFailure } from "./conversations_contract.js";
import { watchPerson } from "./person.js";
import { PerClient } from "./shared.js";
import { batch, Store } from "./store.js";

type Reply = Record<string, unknown>;

/** A store that shows what is written; told once the server has agreed. */
export interface WriteParticipant {
  /** Works an agreed write into its confirmed state; returns false while an event is still to bring it. */
  agreed(write: ConversationWrite, reply: Reply): boolean;
}

export interface WritesState {
  writes: readonly ConversationWrite[];
  failure: ConversationFailure | null;
}

export interface WriteRequest {
  write: Omit<ConversationWrite, "ref" | "at" | "position">;
  command: string;
  data: Record<string, unknown>;
  /** Milliseconds to wait before it is sent, so that it can still be taken back. */
  holdFor?: number;
  /** Makes the opposite write; null for what cannot be taken back. */
  opposite: (() => WriteHandle) | null;
}

type Phase = "held" | "queued" | "sent" | "settled";

class Submitted {
  phase: Phase = "held";
  readonly write: ConversationWrite;
  readonly request: WriteRequest;
  readonly stop = new AbortController();
  readonly done: Promise<void>;
  /** Sends a held write now; null when it is not held. */
  release: (() => void) | null = null;
  resolve!: () => void;
  reject!: (error: ClientError) => void;

  constructor(write: ConversationWrite, request: WriteRequest) {
    this.write = write;
    this.request = request;
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // Every failure is shown through the state, so that nobody has to listen here.
    this.done.catch(() => undefined);
  }
}

let lastRef = 0;

export class ConversationWrites {
  readonly state = new Store<WritesState>({ writes: [], failure: null });
  readonly #client: CarillonClient;
  readonly #participants = new Set<WriteParticipant>();
  readonly #submitted = new Map<string, Submitted>();
  /** The last write of each conversation: an edit that is sent again must not overtake the next one. */
  readonly #tails = new Map<number | null, Promise<void>>();

  constructor(client: CarillonClient) {
    this.#client = client;
    watchPerson(client, () => this.#reset());
    if (typeof window !== "undefined") window.addEventListener("pagehide", () => this.#flush());
  }

  join(participant: WriteParticipant): () => void {
    this.#participants.add(participant);
    return () => this.#participants.delete(participant);
  }

  /** Shows the write at once, and sends it after all earlier ones of its conversation. */
  submit(request: WriteRequest): WriteHandle {
    lastRef += 1;
    const at = new Date(this.#client.clock.now()).toISOString();
    const write: ConversationWrite = { ...request.write, ref: `m${lastRef}`, at, position: null };
    const submitted = new Submitted(write, request);
    this.#submitted.set(write.ref, submitted);
    this.state.update({ writes: [...this.state.getSnapshot().writes, write] });
    if ((request.holdFor ?? 0) > 0) this.#hold(submitted);
    else this.#queue(submitted);
    return this.#handle(submitted);
  }

  /** Call when confirmed states went on: writes that `isContained` tells of are not shown any more. */
  settle(isContained: (write: ConversationWrite) => boolean): void {
    const { writes } = this.state.getSnapshot();
    const left = writes.filter((write) => write.position === null || !isContained(write));
    if (left.length < writes.length) this.state.update({ writes: left });
  }

  dismissFailure(): void {
    this.state.update({ failure: null });
  }

  #handle(submitted: Submitted): WriteHandle {
    const { done } = submitted;
    const { opposite } = submitted.request;
    const isUnsent = () => submitted.phase === "held" || submitted.phase === "queued";
    return {
      ref: submitted.write.ref,
      done,
      get canUndo() {
        return opposite !== null || isUnsent();
      },
      undo: async () => {
        if (isUnsent()) {
          this.#cancel(submitted);
          return;
        }
        await done;
        await opposite?.().done;
      },
    };
  }

  #hold(submitted: Submitted): void {
    const { clock } = this.#client;
    const send = () => {
      clock.clearTimeout(timer);
      submitted.release = null;
      if (submitted.phase === "held") this.#queue(submitted);
    };
    const timer = clock.setTimeout(send, submitted.request.holdFor ?? 0);
    submitted.release = send;
  }

  #flush(): void {
    for (const submitted of [...this.#submitted.values()]) submitted.release?.();
  }

  #queue(submitted: Submitted): void {
    submitted.phase = "queued";
    const { conversation } = submitted.write;
    const tail = (this.#tails.get(conversation) ?? Promise.resolve()).then(() => this.#send(submitted));
    this.#tails.set(conversation, tail);
    void tail.then(() => {
      if (this.#tails.get(conversation) === tail) this.#tails.delete(conversation);
    });
  }

  async #send(submitted: Submitted): Promise<void> {
    if (submitted.phase !== "queued") return;
    submitted.phase = "sent";
    const { command, data } = submitted.request;
    try {
      const reply = await this.#client.write<Reply>(command, data, {
        clientId: createClientId(),
        retries: Number.POSITIVE_INFINITY,
        signal: submitted.stop.signal,
      });
      batch(() => this.#agreed(submitted, reply));
    } catch (thrown) {
      batch(() => this.#refused(submitted, asClientError(thrown)));
    }
  }

  #agreed(submitted: Submitted, reply: Reply): void {
    if (submitted.phase === "settled") return;
    submitted.phase = "settled";
    this.#submitted.delete(submitted.write.ref);
    const { position } = reply as { position?: ConversationWrite["position"] };
    const write = { ...submitted.write, position: position ?? null };
    const verdicts = [...this.#participants].map((one) => one.agreed(write, reply));
    if (verdicts.every(Boolean)) this.#hide(write.ref);
    else this.#replace(write);
    submitted.resolve();
  }

  #refused(submitted: Submitted, error: ClientError): void {
    if (submitted.phase === "settled") return;
    const { ref, action, conversation, message } = submitted.write;
    this.#finish(submitted, error);
    if (error.code !== "cancelled") this.state.update({ failure: { ref, action, conversation, message, error } });
  }

  #cancel(submitted: Submitted): void {
    submitted.stop.abort();
    this.#finish(submitted, new ClientError("cancelled", "The write was taken back."));
  }

  #finish(submitted: Submitted, error: ClientError): void {
    submitted.phase = "settled";
    submitted.release = null;
    this.#submitted.delete(submitted.write.ref);
    this.#hide(submitted.write.ref);
    submitted.reject(error);
  }

  #hide(ref: string): void {
    this.state.update({ writes: this.state.getSnapshot().writes.filter((write) => write.ref !== ref) });
  }

  #replace(write: ConversationWrite): void {
    const { writes } = this.state.getSnapshot();
    this.state.update({ writes: writes.map((one) => (one.ref === write.ref ? write : one)) });
  }

  /** What one person wrote is not sent in the name of the next. */
  #reset(): void {
    for (const submitted of [...this.#submitted.values()]) this.#cancel(submitted);
    this.state.set({ writes: [], failure: null });
  }
}

const shared = new PerClient<"", ConversationWrites>((client) => new ConversationWrites(client));

/** The pending writes to conversations of a client: the same for all its stores. */
export function conversationWrites(client: CarillonClient): ConversationWrites {
  return shared.of(client, "");
}
