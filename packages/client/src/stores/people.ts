/** Finding people to write to, and whom the reader blocks. */
import type { CarillonClient } from "../api.js";
import { asClientError } from "../errors.js";
import type { Person } from "../protocol.js";
import type { BlockedSnapshot, BlockedStore, PeopleSearch, PeopleSearchSnapshot } from "./conversations_contract.js";
import { watchPerson } from "./person.js";
import { LingeringStore, PerClient } from "./shared.js";
import { Store } from "./store.js";

const SEARCHED_AFTER = 200;
const PAGE = 30;
/** As many as the server gives at once. */
const MOST = 100;

interface Page {
  results: Person[];
  next: string | null;
}

/** A search for people; each picker has its own. */
export function createPeopleSearch(client: CarillonClient): PeopleSearch {
  return new Search(client);
}

class Search implements PeopleSearch {
  readonly #state = new Store<PeopleSearchSnapshot>({
    q: "",
    status: "idle",
    error: null,
    items: [],
    hasMore: false,
    isLoadingMore: false,
  });
  readonly #client: CarillonClient;
  #timer: unknown;
  #next: string | null = null;
  #wanted: string | null = null;
  /** Ends requests that a later word has overtaken. */
  #stop = new AbortController();

  constructor(client: CarillonClient) {
    this.#client = client;
  }

  getSnapshot = (): PeopleSearchSnapshot => this.#state.getSnapshot();

  subscribe = (listener: () => void): (() => void) => this.#state.subscribe(listener);

  search(q: string): void {
    const words = q.trim();
    if (words === this.#wanted) return;
    // The first question needs no pause: nobody is typing yet.
    const delay = this.#wanted === null ? 0 : SEARCHED_AFTER;
    this.#wanted = words;
    this.#abort();
    this.#state.update({ status: "loading", error: null, isLoadingMore: false });
    this.#timer = this.#client.clock.setTimeout(() => void this.#fetch(words, null), delay);
  }

  async loadMore(): Promise<void> {
    const { q, status, isLoadingMore } = this.#state.getSnapshot();
    if (status !== "ready" || isLoadingMore || this.#next === null) return;
    this.#state.update({ isLoadingMore: true, error: null });
    await this.#fetch(q, this.#next);
  }

  retry(): void {
    const words = this.#wanted ?? "";
    this.#wanted = null;
    this.search(words);
  }

  destroy(): void {
    this.#abort();
  }

  #abort(): void {
    this.#client.clock.clearTimeout(this.#timer);
    this.#stop.abort();
    this.#stop = new AbortController();
  }

  async #fetch(q: string, cursor: string | null): Promise<void> {
    const { signal } = this.#stop;
    try {
      const page = await this.#client.rest.get<Page>("/people/", { query: { q, cursor, limit: PAGE }, signal });
      if (signal.aborted) return;
      this.#next = page.next;
      const before = cursor === null ? [] : this.#state.getSnapshot().items;
      const known = new Set(before.map(({ id }) => id));
      const items = [...before, ...page.results.filter(({ id }) => !known.has(id))];
      this.#state.set({ q, status: "ready", error: null, items, hasMore: page.next !== null, isLoadingMore: false });
    } catch (thrown) {
      if (signal.aborted) return;
      const status = cursor === null ? "error" : "ready";
      this.#state.update({ status, error: asClientError(thrown), isLoadingMore: false });
    }
  }
}

const shared = new PerClient<"", SharedBlocked>((client) => new SharedBlocked(client));

/** Whom the reader blocks: asked twice, the same store is returned. */
export function createBlockedStore(client: CarillonClient): BlockedStore {
  return shared.of(client, "");
}

class SharedBlocked extends LingeringStore<BlockedSnapshot> implements BlockedStore {
  #ends: (() => void)[] = [];
  #round = 0;

  constructor(client: CarillonClient) {
    super(client, NOBODY);
  }

  async load(): Promise<void> {
    this.#round += 1;
    const round = this.#round;
    if (this.getSnapshot().status !== "ready") this.shown.update({ status: "loading", error: null });
    try {
      const items: Person[] = [];
      let cursor: string | null = null;
      do {
        const page: Page = await this.client.rest.get<Page>("/blocks/", { query: { cursor, limit: MOST } });
        items.push(...page.results);
        // A server before there were pages says nothing of another.
        cursor = page.next ?? null;
      } while (cursor !== null && round === this.#round);
      if (round === this.#round) this.shown.set({ status: "ready", error: null, items });
    } catch (thrown) {
      if (round === this.#round) this.shown.update({ status: "error", error: asClientError(thrown) });
    }
  }

  protected wake(): void {
    let wasOpen = true;
    this.#ends = [
      // The event names nobody, so that the list is asked for again.
      this.client.on("person.blocked", () => void this.load()),
      watchPerson(this.client, () => {
        this.#round += 1;
        this.shown.set(NOBODY);
      }),
      this.client.connection.state.subscribe(() => {
        const isOpen = this.client.connection.state.getSnapshot().status === "open";
        if (isOpen && !wasOpen) void this.load();
        wasOpen = isOpen;
      }),
    ];
    void this.load();
  }

  protected rest(): void {
    for (const end of this.#ends) end();
  }
}

const NOBODY: BlockedSnapshot = { status: "idle", error: null, items: [] };
