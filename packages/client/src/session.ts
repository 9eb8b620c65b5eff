/** Our own sign-in: refresh token in an HttpOnly cookie, access token in memory, one refresh at a time. */
import type { Session, SessionState } from "./api.js";
import type { Clock } from "./clock.js";
import { asClientError, ClientError } from "./errors.js";
import { type HttpConfig, type HttpRequest, sendRequest } from "./http.js";
import { exclusively } from "./locks.js";
import type { Person, ProfileUpdated } from "./protocol.js";
import type { TokenSource } from "./rest.js";
import { Store } from "./stores/store.js";

/** A token is renewed this long before it ends, so that a slow request still goes through with it. */
const EARLY = 60_000;
const RESTORE_DELAYS = [1_000, 3_000];
/** Another tab may have used the cookie at the same moment; its successor is in place shortly after. */
const ROTATED_DELAY = 400;

export const ANONYMOUS: SessionState = {
  status: "anonymous",
  person: null,
  language: null,
  timeZone: null,
  reason: null,
};

interface Grant {
  access: string;
  expires_in: number;
  person: Person;
  language: string;
  time_zone: string;
}

export interface SessionOptions {
  http: HttpConfig;
  clock: Clock;
  /** Another token, of the same person, is in use now. */
  onRenewed(token: string): void;
}

export class CookieSession implements Session, TokenSource {
  /** Until `restore()` or `signIn()` nobody knows who is there. */
  readonly state = new Store<SessionState>({ ...ANONYMOUS, status: "restoring" });
  readonly #options: SessionOptions;
  #access: string | null = null;
  #expiresAt = 0;
  #renewal: Promise<string | undefined> | null = null;
  #restoring: Promise<SessionState> | null = null;
  #timer: unknown;
  /** Changes with each sign-in and sign-out, so that a late answer of the former session is thrown away. */
  #round = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  async signIn(username: string, password: string): Promise<Person> {
    this.#round += 1;
    const grant = (await this.#post("/auth/login/", { username, password })) as Grant;
    this.#round += 1;
    this.#accept(grant);
    return grant.person;
  }

  async signOut(): Promise<void> {
    const token = this.#access;
    this.#end("signed_out");
    await this.#post("/auth/logout/", {}, token);
  }

  restore(): Promise<SessionState> {
    if (this.#restoring !== null) return this.#restoring;
    const current = this.state.getSnapshot();
    if (current.status === "signed-in") return Promise.resolve(current);
    this.state.set({ ...ANONYMOUS, status: "restoring" });
    this.#restoring = this.#restore().finally(() => {
      this.#restoring = null;
    });
    return this.#restoring;
  }

  async updateProfile(change: { language?: string; time_zone?: string }): Promise<void> {
    const request: HttpRequest = {
      method: "PATCH",
      path: "/me/",
      body: change,
      token: (await this.token(false)) ?? null,
    };
    const answer = await sendRequest(this.#options.http, request);
    this.profileChanged(answer as ProfileUpdated);
  }

  /** The current token, renewed first when it is refused or about to end; undefined when nobody is signed in. */
  async token(isStale: boolean): Promise<string | undefined> {
    if (this.#access === null) return this.#renewal ?? undefined;
    const isUsable = this.#options.clock.now() < this.#expiresAt - 5_000;
    return !isStale && isUsable ? this.#access : this.renew();
  }

  /** Asks for a new token; resolves with undefined when the session has ended, rejects when the server is away. */
  renew(): Promise<string | undefined> {
    this.#renewal ??= this.#renew().finally(() => {
      this.#renewal = null;
    });
    return this.#renewal;
  }

  profileChanged(change: ProfileUpdated): void {
    if (this.state.getSnapshot().status !== "signed-in") return;
    this.state.update({ person: change.person, language: change.language, timeZone: change.time_zone });
  }

  /** The server ended the session (4000): nobody is signed in any more. */
  ended(): void {
    if (this.state.getSnapshot().status !== "anonymous") this.#end("ended");
  }

  destroy(): void {
    this.#round += 1;
    this.#options.clock.clearTimeout(this.#timer);
  }

  async #restore(): Promise<SessionState> {
    for (const delay of [...RESTORE_DELAYS, null]) {
      try {
        await this.renew();
        return this.state.getSnapshot();
      } catch {
        if (delay === null) break;
        await this.#pause(delay);
      }
    }
    if (this.state.getSnapshot().status === "restoring") this.state.set({ ...ANONYMOUS, reason: "unreachable" });
    return this.state.getSnapshot();
  }

  async #renew(): Promise<string | undefined> {
    const round = this.#round;
    const grant = await exclusively(`carillon-refresh:${this.#options.http.apiUrl()}`, () => this.#ask());
    if (round !== this.#round) return this.#access ?? undefined;
    if (grant === null) {
      this.#end(this.state.getSnapshot().status === "signed-in" ? "ended" : null);
      return undefined;
    }
    this.#accept(grant);
    return grant.access;
  }

  /** The grant, or null when the cookie is missing or worth nothing. */
  async #ask(): Promise<Grant | null> {
    try {
      return (await this.#post("/auth/refresh/", {})) as Grant;
    } catch (thrown) {
      const error = asClientError(thrown);
      if (error.status !== 401 && error.status !== 403) throw error;
      if (error.code === "unauthenticated") return null;
    }
    await this.#pause(ROTATED_DELAY);
    return this.#post("/auth/refresh/", {}).then(
      (grant) => grant as Grant,
      (thrown) => {
        if (thrown instanceof ClientError && thrown.status === 401) return null;
        throw thrown;
      },
    );
  }

  #accept(grant: Grant): void {
    const { clock, onRenewed } = this.#options;
    const lifetime = grant.expires_in * 1_000;
    const isSame = this.state.getSnapshot().person?.id === grant.person.id;
    this.#access = grant.access;
    this.#expiresAt = clock.now() + lifetime;
    clock.clearTimeout(this.#timer);
    this.#timer = clock.setTimeout(() => this.#renewInTime(), Math.max(lifetime - EARLY, lifetime / 2));
    this.state.set({
      status: "signed-in",
      person: grant.person,
      language: grant.language,
      timeZone: grant.time_zone,
      reason: null,
    });
    if (isSame) onRenewed(grant.access);
  }

  #renewInTime(): void {
    // When the server is away, the next request or connection renews it.
    this.renew().catch(() => undefined);
  }

  #end(reason: SessionState["reason"]): void {
    this.#round += 1;
    this.#access = null;
    this.#options.clock.clearTimeout(this.#timer);
    this.state.set({ ...ANONYMOUS, reason });
  }

  #post(path: string, body: unknown, token: string | null = null): Promise<unknown> {
    return sendRequest(this.#options.http, { method: "POST", path, body, token });
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => void this.#options.clock.setTimeout(resolve, milliseconds));
  }
}
