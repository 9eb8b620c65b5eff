/** Plays the server's side of a dialogue; hook and services must say the client's side, and show what they are told. */
import { createClient } from "@carillon/client";
import { act, type RenderResult, render, within } from "@testing-library/react";
import { expect } from "vitest";
import { createBellService, createMentoringService } from "../../src/compat/index";
import { Documented, type DocumentPage } from "./document_page";
import { FakeWebSocket } from "./fake_web_socket";
import { wait } from "./socket_page";
import { createFiller, type Dialogue, type HttpStep, type OpenStep, type Step } from "./transcripts";

type Answer = Record<string, unknown>;
type Change = Parameters<DocumentPage["take"]>[0];

interface Call {
  run: () => Promise<unknown>;
  /** What the call resolves with, of the whole answer. */
  gives: (answer: Answer) => unknown;
  /** What a page shows of it. */
  shows: (answer: Answer) => Change;
}

interface Tab {
  as: string;
  page: DocumentPage;
  view: RenderResult;
  socket: FakeWebSocket;
}

/** The documents' protocol, or none where the token stands in the address. */
const BELL = ["carillon.bell"];
/** After these the hook stays away; after the others it comes back. */
const FINAL = [4000];

/** Exactly what our types say of each frame and answer; a key more or less is another language. */
const NOTIFICATION = ["created_at", "id", "is_read", "message", "title", "type"];
const FLAT = [...NOTIFICATION, "data", "kind", "message_id", "severity", "url"].sort();
const FRAMES: Record<string, string[]> = {
  notification: ["notification", "type", "unread_count"],
  unread_count: ["type", "unread_count"],
  error: ["code", "error", "type"],
};

const keys = (value: unknown) => Object.keys(value as object).sort();
const flat = (notification: unknown) => {
  expect(keys(notification)).toEqual(FLAT);
  return notification;
};
const counted = {
  gives: (answer: Answer) => {
    expect(keys(answer)).toEqual(["unread_count"]);
    return answer.unread_count;
  },
  shows: ({ unread_count }: Answer) => ({ unread: unread_count }) as Change,
};
const marked = {
  gives: (answer: Answer) => {
    expect(keys(answer)).toEqual(["notification", "unread_count"]);
    return flat(answer.notification);
  },
  shows: (answer: Answer) => ({ one: answer.notification, ...counted.shows(answer) }) as Change,
};
const listed = {
  gives: (answer: unknown) => (answer as Answer[]).map(flat),
  shows: (answer: unknown) => ({ list: answer }) as Change,
};

export class TranscriptPlayer {
  readonly #fill = createFiller();
  readonly #tabs = new Map<string, Tab>();
  /** The step whose answer the server has at hand, and what came instead of it. */
  #asked: string[] = [];
  #step: HttpStep | null = null;

  async play(dialogue: Dialogue): Promise<void> {
    for (const [index, raw] of dialogue.steps.entries()) {
      try {
        await this.#take(this.#fill(raw));
      } catch (thrown) {
        throw new Error(`step ${index + 1}, ${JSON.stringify(raw)}`, { cause: thrown });
      }
    }
  }

  async #take(step: Step): Promise<void> {
    if ("http" in step) await this.#request(step);
    else if ("open" in step) await this.#open(step);
    else if ("send" in step) this.#send(this.#tab(step.socket), step.send);
    else if ("receive" in step) this.#receive(this.#tab(step.socket), step.receive);
    else if ("closed" in step) await this.#close(this.#tab(step.socket), step.closed);
    else if (!("python" in step)) throw new Error("a step of this kind is not known here");
  }

  #tab(name: string): Tab {
    const tab = this.#tabs.get(name);
    if (!tab) throw new Error(`no socket ${name}`);
    return tab;
  }

  async #open({ open, socket: name, as, by }: OpenStep): Promise<void> {
    const url = by === "query" ? `${open}${open.includes("?") ? "&" : "?"}token=${tokenOf(as)}` : open;
    const page = { messages: [], errors: [] } as unknown as DocumentPage;
    const token = by === "subprotocol" ? tokenOf(as) : null;
    const { length } = FakeWebSocket.made;
    const view = render(<Documented url={url} protocols={by === "query" ? [] : BELL} token={token} page={page} />);
    await wait();
    expect(FakeWebSocket.made).toHaveLength(length + 1);
    const socket = FakeWebSocket.last;
    const offered = { subprotocol: [...BELL, `bearer.${token}`], query: [], nothing: BELL }[by];
    expect([socket.url, socket.protocols]).toEqual([`ws://localhost:3000${url}`, offered]);
    act(() => socket.opens());
    expect(page.ws.isConnected).toBe(true);
    this.#tabs.set(name, { as, page, view, socket });
  }

  #send({ page, socket }: Tab, said: unknown): void {
    const frame = typeof said === "string" ? parse(said) : said;
    // The hook says objects, as JSON text: it has no words for anything else, and the server answers all the same.
    if (typeof frame !== "object" || frame === null || "binary" in frame) return;
    const before = socket.sent.length;
    act(() => void expect(page.ws.send(frame)).toBe(true));
    expect(socket.sent.slice(before)).toEqual([frame]);
  }

  #receive({ page, view, socket }: Tab, frame: Record<string, unknown>): void {
    const isFatal = frame["fatal"] === true;
    expect(keys(frame)).toEqual([...(FRAMES[String(frame["type"])] ?? []), ...(isFatal ? ["fatal"] : [])].sort());
    if (frame["type"] === "notification") expect(keys(frame["notification"])).toEqual(NOTIFICATION);
    const before = page.errors.length;
    act(() => socket.says(frame));
    expect(page.messages.at(-1)).toEqual(frame);
    if (frame["type"] === "notification") expect(page.list[0]).toEqual(frame["notification"]);
    if (frame["type"] === "error") expect(page.errors.slice(before)).toEqual([frame["code"]]);
    else expect(page.unread).toBe(frame["unread_count"]);
    expect(within(view.container).getByLabelText("badge").textContent).toBe(`${page.unread ?? "?"}`);
  }

  async #close({ page, view, socket }: Tab, code: number): Promise<void> {
    const { length } = FakeWebSocket.made;
    act(() => socket.closes(code));
    expect(page.ws).toMatchObject({ closeCode: code, isConnected: false });
    await wait(60_000);
    expect(FakeWebSocket.made.length > length).toBe(!FINAL.includes(code));
    view.unmount();
  }

  async #request(step: HttpStep): Promise<void> {
    const [method = "", path = ""] = step.http.split(" ");
    const call = this.#callFor(method, path, step.as);
    this.#step = step;
    this.#asked = [];
    if (step.status >= 400) await this.#refused(call, step);
    else {
      const answer = step.answer as Answer;
      expect(await call.run()).toEqual(call.gives(answer));
      for (const { as, page } of this.#tabs.values()) {
        if (as !== step.as) continue;
        act(() => page.take(call.shows(answer)));
        if ("unread_count" in answer) expect(page.unread).toBe(answer["unread_count"]);
      }
    }
    expect(this.#asked).toEqual([step.http]);
  }

  async #refused(call: Call, { status, answer }: HttpStep): Promise<void> {
    const { code, detail, request_id } = answer as Answer;
    await expect(call.run()).rejects.toMatchObject({ status, code, message: detail, requestId: request_id });
  }

  /** Which call of ours makes this request: one that none of them makes is a hole. */
  #callFor(method: string, path: string, as: string): Call {
    const options = { baseUrl: "https://example.test", getToken: () => (as ? tokenOf(as) : null), fetch: this.#fetch };
    const bell = createBellService(options);
    const mentoring = createMentoringService(options);
    const { rest } = createClient({ ...options, apiPath: "" });
    const { pathname, searchParams } = new URL(path, "https://example.test");
    const [, prefix, id = "", action = ""] =
      /^(\/api)?\/notifications\/(?:([0-9a-f]{12})\/)?(?:([\w-]+)\/)?$/.exec(pathname) ?? [];
    const service = prefix ? bell : mentoring;
    const filters = { unreadOnly: searchParams.get("unread_only") === "true", type: searchParams.get("type") ?? "" };
    const nothing = () => ({});
    const gone = (answer: Answer) => ({ gone: id, ...counted.shows(answer) });
    const readAll = prefix ? "mark-all-read" : "read-all";
    const calls: Record<string, Call> = {
      "GET ": { run: () => service.list(filters), ...listed, ...(searchParams.size > 0 && { shows: nothing }) },
      "GET id": { run: () => mentoring.get(id), gives: flat, shows: nothing },
      "GET unread-count": { run: () => service.unreadCount(), ...counted },
      "POST id read": { run: () => service.markRead(id), ...marked },
      "POST id unread": { run: () => service.markUnread(id), ...marked },
      [`POST ${readAll}`]: { run: () => service.markAllRead(), ...counted },
      "DELETE id": {
        run: () => rest.delete(path).then((answer) => counted.gives(answer as Answer)),
        ...counted,
        shows: gone,
      },
      "DELETE id delete": { run: () => mentoring.remove(id), ...counted, shows: gone },
      "DELETE clear-read": { run: () => mentoring.clearRead(), ...counted },
    };
    const call = calls[`${method} ${[id && "id", action].filter(Boolean).join(" ")}`];
    if (!call) throw new Error(`no call of ours makes ${method} ${path}`);
    return call;
  }

  readonly #fetch: typeof fetch = async (input, init = {}) => {
    const { pathname, search } = new URL(String(input));
    const step = this.#step;
    this.#asked.push(`${init.method} ${pathname}${search}`);
    expect(init.headers).toEqual(
      expect.objectContaining({ ...(step?.as && { Authorization: `Bearer ${tokenOf(step.as)}` }) }),
    );
    if (!step?.as) expect(init.headers).not.toHaveProperty("Authorization");
    // The documents print no body, and an empty one says nothing.
    expect(JSON.parse(String(init.body ?? "{}"))).toEqual(step?.body ?? {});
    return Response.json(step?.answer, { status: step?.status ?? 500 });
  };
}

function tokenOf(name: string): string {
  return `${name}.of.test`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
