/** What a person has begun to write, by conversation; kept on this device, or in memory where it keeps nothing. */
import type { CarillonClient } from "../api.js";
import type { Draft, DraftsStore } from "./conversations_contract.js";
import { PerClient } from "./shared.js";
import { Store } from "./store.js";

const PREFIX = "carillon-drafts:";
type Drafts = ReadonlyMap<number, Draft>;

class SharedDrafts implements DraftsStore {
  readonly #state = new Store<Drafts>(new Map());
  readonly #client: CarillonClient;
  /** Null while nobody is known: then drafts live as long as the page. */
  #key: string | null = null;

  constructor(client: CarillonClient) {
    this.#client = client;
    client.session.state.subscribe(() => this.#watchPerson());
    this.#watchPerson();
    if (typeof window !== "undefined") {
      window.addEventListener("storage", ({ key }) => {
        if (key !== null && key === this.#key) this.#state.set(read(key));
      });
    }
  }

  getSnapshot = (): Drafts => this.#state.getSnapshot();

  subscribe = (listener: () => void): (() => void) => this.#state.subscribe(listener);

  set(conversation: number, draft: Draft): void {
    const before = this.#state.getSnapshot().get(conversation);
    const isEmpty = draft.text.trim() === "" && draft.replyTo === null;
    if (isEmpty ? before === undefined : before?.text === draft.text && before.replyTo?.id === draft.replyTo?.id)
      return;
    const drafts = new Map(this.#state.getSnapshot());
    if (isEmpty) drafts.delete(conversation);
    else drafts.set(conversation, draft);
    this.#state.set(drafts);
    if (this.#key !== null) write(this.#key, drafts);
  }

  clear(conversation: number): void {
    this.set(conversation, { text: "", replyTo: null });
  }

  #watchPerson(): void {
    const { status, person } = this.#client.session.state.getSnapshot();
    if (status === "restoring" || (status === "signed-in" && person === null)) return;
    const key = person === null ? null : `${PREFIX}${this.#client.serverUrl} ${person.id}`;
    if (key === this.#key) return;
    // Begun before we knew who writes.
    const unowned: Drafts = this.#key === null ? this.#state.getSnapshot() : new Map();
    this.#key = key;
    if (key === null) {
      this.#state.set(new Map());
      return;
    }
    const drafts = new Map([...read(key), ...unowned]);
    if (unowned.size > 0) write(key, drafts);
    this.#state.set(drafts);
  }
}

function read(key: string): Drafts {
  try {
    const entries: unknown = JSON.parse(localStorage.getItem(key) ?? "[]");
    const known = Array.isArray(entries) ? entries.filter(isEntry) : [];
    return new Map(known.map(([id, { text, replyTo }]) => [id, { text, replyTo: replyTo ?? null }]));
  } catch {
    return new Map();
  }
}

function isEntry(entry: unknown): entry is [number, Draft] {
  return Array.isArray(entry) && typeof entry[0] === "number" && typeof entry[1]?.text === "string";
}

function write(key: string, drafts: Drafts): void {
  try {
    if (drafts.size === 0) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify([...drafts]));
  } catch {
    // A browser without storage forgets them with the page.
  }
}

const shared = new PerClient<"", SharedDrafts>((client) => new SharedDrafts(client));

/** The drafts of a client: asked twice, the same store is returned. */
export function createDraftsStore(client: CarillonClient): DraftsStore {
  return shared.of(client, "");
}
