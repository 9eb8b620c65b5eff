/** A server made of plain objects: sockets whose other end the test plays, and REST answers from a table. */
import type { ClientOptions } from "../../src/api.js";
import type { Socket } from "../../src/link.js";
import type { Hello, Person, Position } from "../../src/protocol.js";

export const ALICE: Person = { id: "1", name: "Alice Fontaine", role: "Chef de projet", avatar: "", username: "alice" };
export const BRUNO: Person = { id: "2", name: "Bruno Marchetti", role: "", avatar: "", username: "bruno" };

export interface SentFrame {
  type: string;
  ref: string;
  data: Record<string, unknown>;
  client_id?: string;
}

export class FakeSocket implements Socket {
  readyState = 0;
  onopen: ((event: unknown) => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onerror: ((event: unknown) => void) | null = null;
  readonly sent: SentFrame[] = [];
  /** What the client closed with. */
  closedWith: { code: number | undefined; reason: string | undefined } | null = null;
  readonly url: string;
  readonly protocols: string[];
  /** Answers to commands, by name; a missing one is left unanswered. */
  readonly answers: Record<string, (frame: SentFrame) => Record<string, unknown> | null>;

  constructor(url: string, protocols: string[], answers: FakeSocket["answers"]) {
    this.url = url;
    this.protocols = protocols;
    this.answers = answers;
  }

  send(text: string): void {
    if (this.readyState !== 1) throw new Error("not open");
    const frame = JSON.parse(text) as SentFrame;
    this.sent.push(frame);
    const data = this.answers[frame.type]?.(frame) ?? null;
    if (data !== null) queueMicrotask(() => this.push({ type: "reply", ref: frame.ref, data }));
  }

  close(code?: number, reason?: string): void {
    this.readyState = 3;
    this.closedWith = { code, reason };
  }

  opens(): void {
    this.readyState = 1;
    this.onopen?.({});
  }

  push(frame: unknown): void {
    this.onmessage?.({ data: typeof frame === "string" ? frame : JSON.stringify(frame) });
  }

  greets(change: Partial<Hello> = {}): void {
    if (this.readyState === 0) this.opens();
    this.push({ type: "hello", data: { ...HELLO, ...change } });
  }

  closes(code: number, reason = ""): void {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }

  /** As the server does it: the error first, then the close. */
  fails(code: number, slug: string, more: Record<string, unknown> = {}): void {
    this.push({ type: "error", ref: null, data: { error: `Text of ${slug}.`, code: slug, fatal: true, ...more } });
    this.closes(code, slug);
  }

  commands(name: string): SentFrame[] {
    return this.sent.filter((frame) => frame.type === name);
  }
}

export const HELLO: Hello = {
  connection: "k1",
  person: ALICE,
  user_topic: "user:1",
  position: { epoch: "e1", offset: 10 },
  limits: { frame_bytes: 65_536, topics: 100, messages_per_second: 10, burst: 20 },
  heartbeat: { interval: 20, timeout: 40 },
  protocol: "carillon.v1",
};

export interface FakeRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  body: Record<string, unknown> | null;
}
type Answer = { status?: number; body?: unknown; headers?: Record<string, string> } | "network";

export class FakeServer {
  readonly sockets: FakeSocket[] = [];
  readonly requests: FakeRequest[] = [];
  readonly answers: FakeSocket["answers"] = {
    ping: () => ({}),
    authenticate: () => ({ person: ALICE, expires_at: null, position: null }),
    subscribe: ({ data }) => ({ topic: data.topic, position: data.position ?? HELLO.position }),
    unsubscribe: () => ({}),
  };
  readonly #routes = new Map<string, (request: FakeRequest) => Answer | Promise<Answer>>();

  get last(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error("No socket was opened.");
    return socket;
  }

  on(route: string, answer: (request: FakeRequest) => Answer | Promise<Answer>): void {
    this.#routes.set(route, answer);
  }

  count(route: string): number {
    return this.requests.filter(({ method, path }) => `${method} ${path}` === route).length;
  }

  /** Options for a client of this server; chance is in the middle, so that there is no jitter. */
  options(more: ClientOptions = {}): ClientOptions {
    const server = this;
    class WebSocket extends FakeSocket {
      constructor(url: string, protocols: string[] = []) {
        super(url, protocols, server.answers);
        server.sockets.push(this);
      }
    }
    return {
      baseUrl: "https://example.test",
      WebSocket,
      fetch: (input, init) => this.#answer(String(input), init),
      clock: { random: () => 0.5 },
      ...more,
    };
  }

  async #answer(url: string, init: RequestInit = {}): Promise<Response> {
    const { pathname, searchParams } = new URL(url);
    const request: FakeRequest = {
      method: init.method ?? "GET",
      path: pathname.replace("/api/v1", ""),
      query: searchParams,
      headers: { ...(init.headers as Record<string, string>) },
      body: typeof init.body === "string" ? JSON.parse(init.body) : null,
    };
    this.requests.push(request);
    const answer = await this.#routes.get(`${request.method} ${request.path}`)?.(request);
    if (answer === "network") throw new TypeError("Failed to fetch");
    const { status = answer === undefined ? 404 : 200, body = null, headers = {} } = answer ?? {};
    // A real Response hands out its text some turns of the event loop later, which fake timers cannot count.
    const text = async () => (body === null ? "" : JSON.stringify(body));
    return { ok: status < 400, status, headers: new Headers(headers), text } as Response;
  }
}

export function problem(status: number, code: string, more: Record<string, unknown> = {}): Answer {
  return { status, body: { type: "about:blank", title: code, status, detail: `Text of ${code}.`, code, ...more } };
}

export function at(offset: number, epoch = "e1"): Position {
  return { epoch, offset };
}

/** Lets promises settle, without moving the clock. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 100; turn += 1) await Promise.resolve();
}
