/** Which conversation the reader has before the eyes on this connection, so that the server need not notify of it. */
import type { CarillonClient } from "../api.js";
import { PerClient } from "./shared.js";
import { Store } from "./store.js";

export class Looking {
  /** Conversations looked at, each as often as somebody looks; the last one counts. */
  readonly state = new Store<readonly number[]>([]);
  readonly #client: CarillonClient;
  #told: number | null = null;
  #isPlanned = false;

  constructor(client: CarillonClient) {
    this.#client = client;
    let wasOpen = client.connection.state.getSnapshot().status === "open";
    client.connection.state.subscribe(() => {
      const isOpen = client.connection.state.getSnapshot().status === "open";
      // A new connection looks at nothing.
      if (isOpen !== wasOpen) this.#told = null;
      wasOpen = isOpen;
      this.#plan();
    });
  }

  look(conversation: number): () => void {
    this.state.set([...this.state.getSnapshot(), conversation]);
    this.#plan();
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      const looks = [...this.state.getSnapshot()];
      looks.splice(looks.lastIndexOf(conversation), 1);
      this.state.set(looks);
      this.#plan();
    };
  }

  /** A page that goes from one conversation to the next looks away and back at once: one command for both. */
  #plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    queueMicrotask(() => {
      this.#isPlanned = false;
      this.#tell();
    });
  }

  #tell(): void {
    const wanted = this.state.getSnapshot().at(-1) ?? null;
    if (wanted === this.#told || this.#client.connection.state.getSnapshot().status !== "open") return;
    this.#told = wanted;
    this.#client.command("conversation.look", { conversation: wanted }).catch(() => undefined);
  }
}

const shared = new PerClient<"", Looking>((client) => new Looking(client));

/** What is looked at through a client. */
export function looking(client: CarillonClient): Looking {
  return shared.of(client, "");
}
