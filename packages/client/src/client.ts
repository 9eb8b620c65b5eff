/** Builds one client: connection, session, REST and topics that belong together. */
import type { CarillonClient, ClientOptions, CommandOptions, Follow, FollowHandlers, WriteOptions } from "./api.js";
import type { Closed } from "./backoff.js";
import { type Clock, createClock } from "./clock.js";
import { SocketConnection } from "./connection.js";
import { ClientError } from "./errors.js";
import { EventBus } from "./event_bus.js";
import { HostSession } from "./host_session.js";
import type { HttpConfig } from "./http.js";
import { opened } from "./opened.js";
import type { EventData, EventFrame, EventType, Hello, Position } from "./protocol.js";
import { RestClient } from "./rest.js";
import { CookieSession } from "./session.js";
import { Topics } from "./topics.js";
import { apiUrl, isSubprotocolToken, openSocket } from "./urls.js";
import { write } from "./writes.js";

/** A client for one server; nothing is opened or fetched until it is asked to. Safe to call where there is no page. */
export function createClient(options: ClientOptions = {}): CarillonClient {
  return new Client(options);
}

class Client implements CarillonClient {
  readonly clock: Clock;
  readonly connection: SocketConnection;
  readonly session: CookieSession | HostSession;
  readonly rest: RestClient;
  language: string | null;
  readonly #topics: Topics;
  readonly #bus = new EventBus();
  readonly #options: ClientOptions;
  #personId: string | null = null;
  #endWatch: () => void;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.clock = createClock(options.clock);
    this.language = options.language ?? null;
    const http = this.#http();
    this.session =
      options.auth === "cookie"
        ? new CookieSession({ http, clock: this.clock, onRenewed: (token) => this.#authenticate(token) })
        : new HostSession(options.getToken, () => this.rest);
    this.rest = new RestClient(http, this.session);
    this.connection = this.#createConnection();
    this.#topics = new Topics(
      (name, data) => this.connection.request(name, data),
      this.clock,
      (event) => this.#bus.emit(event),
    );
    this.on("profile.updated", (event) => this.session.profileChanged(event.data));
    this.#endWatch = this.#watchPerson();
  }

  get serverUrl(): string {
    return apiUrl(this.#options);
  }

  command<Answer>(name: string, data: Record<string, unknown> = {}, options: CommandOptions = {}): Promise<Answer> {
    return this.connection.request(name, data, options.clientId) as Promise<Answer>;
  }

  write<Answer>(name: string, data: Record<string, unknown>, options: WriteOptions = {}): Promise<Answer> {
    const { connection } = this;
    const channel = {
      clock: this.clock,
      rest: this.rest,
      get isOpen() {
        return connection.isOpen;
      },
      opened: (milliseconds: number) => opened(connection.state, this.clock, milliseconds),
      request: (command: string, body: Record<string, unknown>, clientId: string) =>
        connection.request(command, body, clientId),
    };
    return write(channel, name, data, options) as Promise<Answer>;
  }

  follow(topic: string, handlers: FollowHandlers, position: Position | null = null): Follow {
    return this.#topics.follow(topic, handlers, position);
  }

  on<Type extends EventType>(type: Type, listener: (event: EventFrame<Type, EventData[Type]>) => void): () => void {
    return this.#bus.on(type, listener);
  }

  destroy(): void {
    this.#endWatch();
    this.connection.destroy();
    if (this.session instanceof CookieSession) this.session.destroy();
  }

  #http(): HttpConfig {
    const { headers = {}, auth, fetch: hostFetch } = this.#options;
    return {
      apiUrl: () => apiUrl(this.#options),
      fetch: () => hostFetch ?? globalThis.fetch.bind(globalThis),
      headers: () => (typeof headers === "function" ? headers() : headers),
      language: () => this.language,
      credentials: auth === "cookie" ? "include" : "same-origin",
    };
  }

  #createConnection(): SocketConnection {
    return new SocketConnection({
      clock: this.clock,
      open: (token) => {
        const fits = token === null || isSubprotocolToken(token);
        return { socket: openSocket(this.#options, fits ? token : null), firstFrameToken: fits ? null : token };
      },
      token: (isStale) => this.session.token(isStale),
      onHello: (hello) => this.#greeted(hello),
      onEvent: (event) => this.#topics.receive(event),
      onResync: (frame) => this.#topics.resync(frame),
      onNotice: (error) => {
        if (error.topic !== null) this.#topics.end(error.topic, error);
      },
      onTokenExpiring: () => void this.#renew(),
      onClosed: (closed) => this.#closed(closed),
    });
  }

  #greeted(hello: Hello): void {
    if (this.session instanceof HostSession) this.session.greeted(hello.person);
    this.#topics.opened(hello);
  }

  #closed(closed: Closed): void {
    this.#topics.closed();
    if (closed.code === 4000) this.session.ended();
    if (closed.code === 4001 && closed.topic !== null) {
      this.#topics.end(closed.topic, new ClientError(closed.slug, closed.message, { topic: closed.topic }));
    }
  }

  /** The token of the open socket is about to end: another one is sent on the same socket. */
  async #renew(): Promise<void> {
    try {
      // A renewed cookie session authenticates by itself.
      const token = await this.session.token(true);
      if (this.session instanceof HostSession && token) this.#authenticate(token);
    } catch {
      // The server will close with 4002, and the connection asks for a token again.
    }
  }

  #authenticate(token: string): void {
    if (this.connection.isOpen) this.connection.request("authenticate", { token }).catch(() => undefined);
  }

  /** In cookie mode the connection follows the person: none without, another for another. */
  #watchPerson(): () => void {
    const { session, connection } = this;
    if (session instanceof HostSession) return () => undefined;
    return session.state.subscribe(() => {
      const id = session.state.getSnapshot().person?.id ?? null;
      if (id === this.#personId) return;
      this.#personId = id;
      if (id !== null) connection.restart();
      else if (connection.state.getSnapshot().status !== "stopped") connection.suspend();
    });
  }
}
