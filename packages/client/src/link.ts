/** One WebSocket from its opening to its close: frames, references, heartbeat. It never reconnects. */
import { type Closed, parseCloseReason } from "./backoff.js";
import type { Clock } from "./clock.js";
import { ClientError } from "./errors.js";
import { formatCommand, parseFrame } from "./frames.js";
import { Heartbeat } from "./heartbeat.js";
import type { ControlFrame, ErrorData, EventFrame, Hello, ResyncFrame } from "./protocol.js";

const HELLO_WITHIN = 15_000;
const ANSWER_WITHIN = 20_000;

/** The part of a WebSocket that is used. */
export interface Socket {
  onopen: ((event: unknown) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: ((event: unknown) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

export interface LinkHandlers {
  onHello(hello: Hello): void;
  onEvent(event: EventFrame): void;
  onResync(frame: ResyncFrame): void;
  onTokenExpiring(seconds: number): void;
  /** An error that answers no command and does not end the connection. */
  onNotice(error: ClientError): void;
  /** Called once; nothing is called after it. */
  onClosed(closed: Closed): void;
}

interface Waiting {
  resolve(data: Record<string, unknown>): void;
  reject(error: ClientError): void;
  timer: unknown;
}

export class Link {
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #handlers: LinkHandlers;
  readonly #waiting = new Map<string, Waiting>();
  readonly #helloTimer: unknown;
  #heartbeat: Heartbeat | null = null;
  #lastRef = 0;
  #fatal: ErrorData | null = null;
  #reconnectIn: number | null = null;
  #isOver = false;

  /** `token` is sent as the first frame, for tokens that cannot travel as a subprotocol. */
  constructor(socket: Socket, clock: Clock, handlers: LinkHandlers, token: string | null) {
    this.#socket = socket;
    this.#clock = clock;
    this.#handlers = handlers;
    this.#helloTimer = clock.setTimeout(() => this.#drop(1006, "timeout", "The server did not answer."), HELLO_WITHIN);
    socket.onopen = () => {
      if (token !== null) this.#request("authenticate", { token }).catch(() => undefined);
    };
    socket.onmessage = (message) => this.#receive(message.data);
    socket.onerror = () => undefined;
    socket.onclose = (event) => this.#finish(event.code, event.reason);
  }

  /** True between `hello` and the close. */
  get isReady(): boolean {
    return this.#heartbeat !== null && !this.#isOver;
  }

  /** Sends a command; resolves with the reply's data, rejects with the server's error or `connection_lost`. */
  request(name: string, data: Record<string, unknown>, clientId?: string): Promise<Record<string, unknown>> {
    if (!this.isReady) return Promise.reject(new ClientError("not_open", "There is no open connection."));
    return this.#request(name, data, clientId);
  }

  /** Asks whether the other side still lives; silence beyond the timeout closes the link. */
  check(): void {
    this.#heartbeat?.check();
  }

  /** Ends the link from our side, at once: a dead network would not answer a closing handshake. */
  close(code: number, slug: string): void {
    this.#drop(code, slug, "");
  }

  #request(name: string, data: Record<string, unknown>, clientId?: string): Promise<Record<string, unknown>> {
    this.#lastRef += 1;
    const ref = `c${this.#lastRef}`;
    return new Promise((resolve, reject) => {
      const timer = this.#clock.setTimeout(() => {
        this.#waiting.delete(ref);
        reject(new ClientError("timeout", "The server did not answer in time."));
      }, ANSWER_WITHIN);
      this.#waiting.set(ref, { resolve, reject, timer });
      this.#socket.send(formatCommand(name, ref, data, clientId));
    });
  }

  #receive(text: unknown): void {
    if (this.#isOver) return;
    this.#heartbeat?.heard();
    const frame = parseFrame(text);
    if (frame !== null) this.#handle(frame);
  }

  #handle(frame: Frame): void {
    if (isReply(frame)) this.#settle(frame.ref)?.resolve(frame.data as Record<string, unknown>);
    else if (isError(frame)) this.#handleError(frame.ref, frame.data);
    else if (isHello(frame)) this.#handleHello(frame.data);
    else if (isResync(frame)) this.#handlers.onResync(frame);
    else if (isDrain(frame)) this.#reconnectIn = frame.data.reconnect_in;
    else if (isTokenExpiring(frame)) this.#handlers.onTokenExpiring(frame.data.expires_in);
    else this.#handlers.onEvent(frame);
  }

  #handleHello(hello: Hello): void {
    this.#clock.clearTimeout(this.#helloTimer);
    this.#heartbeat?.stop();
    const beat = {
      ping: () => void this.#request("ping", {}).catch(() => undefined),
      onSilence: () => this.#drop(4012, "heartbeat_timeout", "The server is silent."),
    };
    const { interval, timeout } = hello.heartbeat;
    this.#heartbeat = new Heartbeat(this.#clock, beat, interval * 1_000, timeout * 1_000);
    this.#handlers.onHello(hello);
  }

  #handleError(ref: string | null, data: ErrorData): void {
    const error = errorOf(data);
    if (data.fatal) this.#fatal = data;
    const waiting = this.#settle(ref);
    if (waiting) waiting.reject(error);
    else if (!data.fatal) this.#handlers.onNotice(error);
  }

  #settle(ref: string | null): Waiting | null {
    const waiting = ref === null ? undefined : this.#waiting.get(ref);
    if (ref === null || waiting === undefined) return null;
    this.#waiting.delete(ref);
    this.#clock.clearTimeout(waiting.timer);
    return waiting;
  }

  #drop(code: number, slug: string, message: string): void {
    if (this.#isOver) return;
    this.#socket.onopen = null;
    this.#socket.onmessage = null;
    this.#socket.onclose = null;
    try {
      this.#socket.close(code === 1000 || code >= 3000 ? code : 3000, slug);
    } catch {
      // A socket that cannot be closed is closed already.
    }
    this.#end({ code, slug, message, retryAfter: null, reconnectIn: null, topic: null });
  }

  #finish(code: number, reason: string): void {
    if (this.#isOver) return;
    const told = parseCloseReason(reason);
    const fatal = this.#fatal;
    this.#end({
      code,
      slug: fatal?.code || told.slug || "network",
      message: fatal?.error ?? "",
      retryAfter: fatal?.retry_after ?? told.retryAfter,
      reconnectIn: this.#reconnectIn,
      topic: fatal?.topic ?? null,
    });
  }

  #end(closed: Closed): void {
    this.#isOver = true;
    this.#clock.clearTimeout(this.#helloTimer);
    this.#heartbeat?.stop();
    for (const ref of [...this.#waiting.keys()]) {
      this.#settle(ref)?.reject(new ClientError("connection_lost", "The connection was lost before the answer came."));
    }
    this.#handlers.onClosed(closed);
  }
}

function errorOf(data: ErrorData): ClientError {
  return new ClientError(data.code, data.error, {
    retryAfter: data.retry_after ?? null,
    details: data.details ?? [],
    topic: data.topic ?? null,
  });
}

type Frame = ControlFrame | EventFrame;
type FrameOf<Type extends string> = Extract<ControlFrame, { type: Type }>;
const isReply = (frame: Frame): frame is FrameOf<"reply"> => frame.type === "reply";
const isError = (frame: Frame): frame is FrameOf<"error"> => frame.type === "error";
const isHello = (frame: Frame): frame is FrameOf<"hello"> => frame.type === "hello";
const isResync = (frame: Frame): frame is FrameOf<"resync"> => frame.type === "resync";
const isDrain = (frame: Frame): frame is FrameOf<"drain"> => frame.type === "drain";
const isTokenExpiring = (frame: Frame): frame is FrameOf<"token_expiring"> => frame.type === "token_expiring";
