/**
 * A socket of plain JSON messages, kept open by the very connection of `@carillon/client`: its back-off, its rules for
 * close codes, its eye on network and page. That connection waits for a greeting which these servers do not send, so a
 * thin stand-in for the browser's WebSocket says it for them.
 */
import {
  type CarillonClient,
  ClientError,
  type ConnectionState,
  createClient,
  Store,
  type WebSocketConstructor,
} from "@carillon/client";

export interface SocketState {
  readonly status: "connecting" | "open" | "waiting" | "closed";
  /** The code of the last close, null before the first. */
  readonly code: number | null;
}

export interface JsonSocketOptions {
  /** Absolute, `ws:` or `wss:`. */
  readonly url: string;
  readonly protocols: readonly string[];
  readonly reconnect: boolean;
  /** The subprotocol that carries a credential, asked for before each attempt; null for none. */
  readonly credential: (isStale: boolean) => Promise<string | null>;
  /** Called with each message as it comes, in order. */
  readonly onMessage: (message: unknown) => void;
  readonly onClose: (code: number, reason: string) => void;
  readonly onError: (error: ClientError) => void;
}

const OPEN = 1;
/** The documents' clients stay away after this too (REQUIREMENTS 004-33); our own protocol goes on elsewhere. */
const FINAL = new Set([4001]);
/** Seconds; no heartbeat of ours: the browser answers the server's pings by itself. */
const NEVER = 2_000_000;
const GREETING = JSON.stringify({
  type: "hello",
  data: { person: null, user_topic: null, position: null, heartbeat: { interval: NEVER, timeout: NEVER } },
});
export const CLOSED: SocketState = { status: "closed", code: null };

/** Opens when told to, and stays open by the rules until it is destroyed. */
export class JsonSocket {
  readonly state = new Store<SocketState>(CLOSED);
  readonly #options: JsonSocketOptions;
  readonly #client: CarillonClient;
  #raw: WebSocket | null = null;
  #credential: string | null = null;
  #ends: (() => void)[] = [];

  constructor(options: JsonSocketOptions) {
    this.#options = options;
    this.#client = createClient({
      baseUrl: options.url,
      WebSocket: this.#standIn(),
      getToken: async ({ isStale }) => {
        this.#credential = await options.credential(isStale);
        return null;
      },
    });
  }

  start(): void {
    const { connection } = this.#client;
    const reopen = () => this.#reopen();
    addEventListener("online", reopen);
    this.#ends = [connection.state.subscribe(() => this.#watch()), () => removeEventListener("online", reopen)];
    connection.start();
  }

  /** Tries again now, whatever stopped it. */
  retry(): void {
    this.#client.connection.retry();
  }

  /** Sends `message` as JSON; false, and an error `not_open`, when the socket is not open (REQUIREMENTS 004-37). */
  send(message: object): boolean {
    if (this.#raw?.readyState !== OPEN) {
      this.#options.onError(notOpen());
      return false;
    }
    this.#raw.send(JSON.stringify(message));
    return true;
  }

  /** Closes with 1000; nothing is called afterwards. */
  destroy(): void {
    for (const end of this.#ends) end();
    this.#client.destroy();
  }

  #watch(): void {
    const { connection } = this.#client;
    const { status, reason } = connection.state.getSnapshot();
    const code = reason?.code ?? this.state.getSnapshot().code;
    const isOver = status === "waiting" && (!this.#options.reconnect || FINAL.has(reason?.code ?? 0));
    this.state.set({ status: isOver ? "closed" : STATUS[status], code });
    if (isOver) connection.stop();
  }

  /** What was open before the network went is most likely dead, and nothing on this wire would tell. */
  #reopen(): void {
    const { connection } = this.#client;
    if (!this.#options.reconnect || connection.state.getSnapshot().status !== "open") return;
    connection.stop();
    connection.start();
  }

  #receive(data: unknown, tell: (frame: string) => void): void {
    const message = parse(data);
    if (message === undefined) {
      this.#options.onError(new ClientError("bad_answer", "The server sent something that is not JSON."));
      return;
    }
    // The connection then knows why it is closed and how long to stay away.
    if (isFatal(message)) tell(JSON.stringify({ type: "error", ref: null, data: message }));
    this.#options.onMessage(message);
  }

  #open(): WebSocket {
    const { url, protocols } = this.#options;
    const offered = this.#credential === null ? [...protocols] : [...protocols, this.#credential];
    try {
      this.#raw = new WebSocket(url, offered);
      return this.#raw;
    } catch (cause) {
      const message = "The browser refused the socket: its address, or a token with characters that no JWT has.";
      this.#options.onError(new ClientError("unsupported", message, { cause }));
      throw cause;
    }
  }

  #standIn(): WebSocketConstructor {
    const open = () => this.#open();
    const receive = (data: unknown, tell: (frame: string) => void) => this.#receive(data, tell);
    const { onClose } = this.#options;
    return class implements Listened {
      onmessage: Listened["onmessage"] = null;
      onclose: Listened["onclose"] = null;
      readonly #raw = open();

      constructor() {
        const tell = (data: string) => this.onmessage?.({ data });
        this.#raw.onopen = () => tell(GREETING);
        this.#raw.onmessage = ({ data }) => receive(data, tell);
        this.#raw.onclose = (event) => {
          this.onclose?.(event);
          onClose(event.code, event.reason);
        };
      }

      get readyState(): number {
        return this.#raw.readyState;
      }

      /** What our connection says is not of this wire. */
      send(): void {}

      close(code?: number, reason?: string): void {
        this.#raw.onopen = null;
        this.#raw.onmessage = null;
        this.#raw.onclose = null;
        this.#raw.close(code, reason);
      }
    };
  }
}

/** What the connection sets on a socket. */
interface Listened {
  onmessage: ((event: { data: string }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
}

const STATUS: Readonly<Record<ConnectionState["status"], SocketState["status"]>> = {
  idle: "closed",
  connecting: "connecting",
  open: "open",
  waiting: "waiting",
  stopped: "closed",
};

export function notOpen(): ClientError {
  return new ClientError("not_open", "Nothing was sent: the socket is not open.");
}

function parse(data: unknown): unknown {
  try {
    return typeof data === "string" ? JSON.parse(data) : undefined;
  } catch {
    return undefined;
  }
}

function isFatal(message: unknown): boolean {
  const { type, fatal } = (message ?? {}) as Record<string, unknown>;
  return type === "error" && fatal === true;
}
