/** A session that the host owns: it hands out its JWT, or relies on its own cookie. */
import type { ClientOptions, Rest, Session, SessionState } from "./api.js";
import { ClientError } from "./errors.js";
import type { Person, ProfileUpdated } from "./protocol.js";
import type { TokenSource } from "./rest.js";
import { ANONYMOUS } from "./session.js";
import { Store } from "./stores/store.js";

export class HostSession implements Session, TokenSource {
  /** Signed in as far as we know; who it is comes with the first greeting. */
  readonly state = new Store<SessionState>({ ...ANONYMOUS, status: "signed-in" });
  readonly #getToken: NonNullable<ClientOptions["getToken"]>;
  readonly #rest: () => Rest;

  constructor(getToken: ClientOptions["getToken"], rest: () => Rest) {
    this.#getToken = getToken ?? (() => null);
    this.#rest = rest;
  }

  async token(isStale: boolean): Promise<string | null> {
    return this.#getToken({ isStale });
  }

  /** Asks who is there, where no greeting has told: for pages that never get a socket. Rejects when the server is away. */
  async restore(): Promise<SessionState> {
    const { status, person } = this.state.getSnapshot();
    if (status !== "signed-in" || person !== null) return this.state.getSnapshot();
    const me = await this.#rest().get<ProfileUpdated>("/me/");
    if (this.state.getSnapshot().person === null) this.profileChanged(me);
    return this.state.getSnapshot();
  }

  signIn(): Promise<Person> {
    return Promise.reject(new ClientError("unsupported", "The host signs people in; ask it."));
  }

  signOut(): Promise<void> {
    return Promise.reject(new ClientError("unsupported", "The host signs people out; ask it."));
  }

  async updateProfile(change: { language?: string; time_zone?: string }): Promise<void> {
    this.profileChanged(await this.#rest().patch<ProfileUpdated>("/me/", change));
  }

  profileChanged(change: ProfileUpdated): void {
    this.state.update({ person: change.person, language: change.language, timeZone: change.time_zone });
  }

  /** The greeting says who is connected. */
  greeted(person: Person | null): void {
    const before = this.state.getSnapshot();
    if (person === null || (before.person?.id === person.id && before.status === "signed-in")) return;
    this.state.set({ ...before, status: "signed-in", person, reason: null });
  }

  ended(): void {
    this.state.set({ ...ANONYMOUS, reason: "ended" });
  }
}
