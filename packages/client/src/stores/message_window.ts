/** Fetches windows of a conversation's messages: newest, around one, or again where one stands. */
import type { CarillonClient } from "../api.js";
import { append, fromSnapshot, type MessagesPage, type MessagesState, reduce } from "../reducers/messages.js";
import type { Recent } from "./live.js";

const PAGE = 50;
const LONGEST_PAGE = 100;
/** Of a longer window only the part around its reader is fetched again after lost history. */
const MOST_REFETCHED = 500;

/** Where pages begin; without any, the newest. */
type Place = { before: number } | { after: number } | { around: number } | Record<string, never>;

export class MessageWindow {
  readonly #client: CarillonClient;
  readonly #path: string;

  constructor(client: CarillonClient, conversation: number) {
    this.#client = client;
    this.#path = `/conversations/${conversation}/messages/`;
  }

  page(place: Place, limit = PAGE): Promise<MessagesPage> {
    return this.#client.rest.get(this.#path, { query: { ...place, limit } });
  }

  /** The window again, as it is now; `isAtStart` tells that its reader is near its beginning. */
  async again(current: MessagesState, isAtStart: boolean, recent: Recent): Promise<MessagesState> {
    const [first, last] = [current.items[0]?.seq, current.items.at(-1)?.seq];
    if (first === undefined || last === undefined) return fromSnapshot(await this.page({}));
    const from = isAtStart ? first : Math.max(first, last - MOST_REFETCHED + 1);
    const to = Math.min(last, from + MOST_REFETCHED - 1);
    const limit = current.hasAfter ? Math.min(LONGEST_PAGE, to - from + 1) : LONGEST_PAGE;
    let state = fromSnapshot(await this.page({ after: from - 1 }, limit));
    while (state.hasAfter && (state.items.at(-1)?.seq ?? to) < to) state = await this.#longer(state, recent);
    // Who was at the end stays there, unless a great deal was said meanwhile.
    if (!current.hasAfter && to === last && state.hasAfter) state = await this.#longer(state, recent);
    return { ...state, lastSeq: Math.max(state.lastSeq, current.lastSeq) };
  }

  async #longer(state: MessagesState, recent: Recent): Promise<MessagesState> {
    const page = await this.page({ after: state.items.at(-1)?.seq ?? 0 }, LONGEST_PAGE);
    return append(recent().reduce(reduce, state), page, recent());
  }
}
