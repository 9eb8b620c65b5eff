/** Keeps one link open: when to connect, when to wait, when to stop for good. */
import type { Connection, ConnectionReason, ConnectionState } from "./api.js";
import { type Closed, type NextStep, nextStep, STABLE_AFTER } from "./backoff.js";
import type { Clock } from "./clock.js";
import { ClientError } from "./errors.js";
import { Link, type LinkHandlers, type Socket } from "./link.js";
import { isOnline, watchPage } from "./page.js";
import type { Hello } from "./protocol.js";
import { Store } from "./stores/store.js";

export interface ConnectionOptions {
  clock: Clock;
  /** Opens a socket that carries the token, and tells which token must still be sent as a frame. */
  open(token: string | null): { socket: Socket; firstFrameToken: string | null };
  /** The token for the next attempt; `undefined` when nobody is signed in, so that there is nothing to connect. */
  token(isStale: boolean): Promise<string | null | undefined>;
  onHello(hello: Hello): void;
  onEvent: LinkHandlers["onEvent"];
  onResync: LinkHandlers["onResync"];
  onNotice: LinkHandlers["onNotice"];
  onTokenExpiring(): void;
  /** Each time an open connection is lost, and each time an attempt ends. */
  onClosed(closed: Closed): void;
}

const IDLE: ConnectionState = {
  status: "idle",
  since: 0,
  downSince: null,
  attempt: 0,
  retryAt: null,
  reason: null,
  mayRetry: false,
};
/** Waits that the server demanded: coming back to the page does not shorten them. */
const DEMANDED = new Set([1013, 4003, 4006, 4008]);

export class SocketConnection implements Connection {
  readonly state = new Store<ConnectionState>(IDLE);
  readonly #options: ConnectionOptions;
  readonly #clock: Clock;
  readonly #unwatch: () => void;
  #link: Link | null = null;
  #isWanted = false;
  #attempt = 0;
  /** Tells an attempt that was overtaken (by stop, retry, a second start) apart from the current one. */
  #round = 0;
  #isTokenStale = false;
  #hasRefreshed = false;
  #hasForgiven = false;
  #retryTimer: unknown;
  #stableTimer: unknown;
  #isDemanded = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#unwatch = watchPage({
      onOnline: () => this.#comeBack(true),
      onVisible: () => this.#comeBack(false),
      onHiddenTick: () => this.#tick(),
    });
  }

  start(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    this.#connect();
  }

  stop(): void {
    this.#isWanted = false;
    this.#leave("stopped");
  }

  retry(): void {
    this.#isWanted = true;
    if (this.#link?.isReady) return;
    this.#forget();
    this.#connect();
  }

  /** Drops the current link, if any, and connects anew: for another person or another token. */
  restart(): void {
    if (!this.#isWanted) return;
    this.#leave("signed_out");
    this.#connect();
  }

  /** Closes for want of a person; `restart` goes on. */
  suspend(): void {
    this.#leave("signed_out");
  }

  destroy(): void {
    this.stop();
    this.#unwatch();
  }

  /** Sends over the open link; rejects with `not_open` when there is none. */
  request(name: string, data: Record<string, unknown>, clientId?: string): Promise<Record<string, unknown>> {
    if (this.#link?.isReady) return this.#link.request(name, data, clientId);
    return Promise.reject(new ClientError("not_open", "There is no open connection."));
  }

  get isOpen(): boolean {
    return this.#link?.isReady === true;
  }

  #connect(): void {
    this.#cancelTimers();
    this.#round += 1;
    const round = this.#round;
    this.#link?.close(1000, "replaced");
    this.#link = null;
    this.#set("connecting", null);
    const isStale = this.#isTokenStale;
    this.#options.token(isStale).then(
      (token) => {
        if (round !== this.#round) return;
        if (isStale) this.#isTokenStale = false;
        this.#open(token);
      },
      () => {
        if (round === this.#round) this.#closed(networkFailure(isOnline() ? "network" : "offline"));
      },
    );
  }

  #open(token: string | null | undefined): void {
    if (token === undefined) {
      this.#set("idle", { code: null, slug: "signed_out", message: "" });
      return;
    }
    const round = this.#round;
    const mine = (work: () => void) => {
      if (round === this.#round) work();
    };
    try {
      const { socket, firstFrameToken } = this.#options.open(token);
      const handlers: LinkHandlers = {
        onHello: (hello) => mine(() => this.#opened(hello)),
        onEvent: (event) => mine(() => this.#options.onEvent(event)),
        onResync: (frame) => mine(() => this.#options.onResync(frame)),
        onNotice: (error) => mine(() => this.#options.onNotice(error)),
        onTokenExpiring: () => mine(() => this.#options.onTokenExpiring()),
        onClosed: (closed) => mine(() => this.#closed(closed)),
      };
      this.#link = new Link(socket, this.#clock, handlers, firstFrameToken);
    } catch {
      this.#closed(networkFailure("network"));
    }
  }

  #opened(hello: Hello): void {
    this.#stableTimer = this.#clock.setTimeout(() => {
      this.#forget();
      this.#set("open", null);
    }, STABLE_AFTER);
    this.#set("open", null);
    this.#options.onHello(hello);
  }

  #closed(closed: Closed): void {
    this.#cancelTimers();
    this.#link = null;
    this.#round += 1;
    this.#attempt += 1;
    const failures = {
      attempt: this.#attempt,
      hasRefreshed: this.#hasRefreshed,
      hasForgiven: this.#hasForgiven,
    };
    const step = nextStep(closed, failures, this.#clock.random);
    this.#take(step, closed);
    this.#options.onClosed(closed);
  }

  #take(step: NextStep, closed: Closed): void {
    const reason: ConnectionReason = { code: closed.code, slug: closed.slug, message: closed.message };
    if (step.kind === "stop") {
      this.#set("stopped", { ...reason, slug: step.slug });
      return;
    }
    this.#isTokenStale ||= step.refreshToken;
    this.#hasRefreshed ||= step.refreshToken;
    this.#hasForgiven ||= step.isForgiven;
    this.#isDemanded = DEMANDED.has(closed.code);
    const retryAt = this.#clock.now() + step.delay;
    this.#retryTimer = this.#clock.setTimeout(() => this.#connect(), step.delay);
    this.#set("waiting", reason, retryAt);
  }

  /** The network or the reader is back: waiting any longer would be wasted. */
  #comeBack(isNetwork: boolean): void {
    if (!this.#isWanted) return;
    const { status, reason } = this.state.getSnapshot();
    if (status === "open") this.#link?.check();
    else if (status === "waiting" && !this.#isDemanded) this.#connect();
    else if (status === "stopped" && isNetwork && reason?.slug === "gave_up") this.retry();
  }

  #tick(): void {
    const { status, retryAt } = this.state.getSnapshot();
    if (status === "open") this.#link?.check();
    else if (status === "waiting" && retryAt !== null && this.#clock.now() >= retryAt) this.#connect();
  }

  #leave(slug: string): void {
    this.#cancelTimers();
    this.#round += 1;
    const link = this.#link;
    this.#link = null;
    this.#forget();
    link?.close(1000, slug);
    const wasDown = this.state.getSnapshot().status === "idle";
    this.#set("idle", { code: null, slug, message: "" });
    if (!wasDown) this.#options.onClosed({ ...networkFailure(slug), code: 1000 });
  }

  /** The past is forgiven: after 30 s connected, a retry by hand, or a new sign-in. */
  #forget(): void {
    this.#attempt = 0;
    this.#hasRefreshed = false;
    this.#hasForgiven = false;
  }

  #cancelTimers(): void {
    this.#clock.clearTimeout(this.#retryTimer);
    this.#clock.clearTimeout(this.#stableTimer);
  }

  #set(status: ConnectionState["status"], reason: ConnectionReason | null, retryAt: number | null = null): void {
    const before = this.state.getSnapshot();
    const now = this.#clock.now();
    const isDown = status !== "open" && status !== "idle";
    this.state.set({
      status,
      since: status === before.status ? before.since : now,
      downSince: isDown ? (before.downSince ?? now) : null,
      attempt: this.#attempt,
      retryAt,
      reason: reason ?? (status === "connecting" ? before.reason : null),
      mayRetry: status === "waiting" || (status === "stopped" && reason?.code !== 4000),
    });
  }
}

function networkFailure(slug: string): Closed {
  return { code: 1006, slug, message: "", retryAfter: null, reconnectIn: null, topic: null };
}
