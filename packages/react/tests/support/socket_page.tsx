import { act, render } from "@testing-library/react";
import { StrictMode } from "react";
import { afterEach, beforeEach, vi } from "vitest";
import { useWebSocket, type WebSocketHandle, type WebSocketOptions } from "../../src/compat/index";
import { FakeWebSocket } from "./fake_web_socket";

export const URL = "/ws/notifications/";
/** What rings, as the document prints it. */
export const RING = {
  type: "notification",
  notification: {
    id: "1",
    type: "message",
    title: "T",
    message: "M",
    is_read: false,
    created_at: "2026-11-21T10:00:00Z",
  },
  unread_count: 1,
};

/** What the hook gave at its last render, and how often it rendered. */
export const seen = { handle: {} as WebSocketHandle, renders: 0 };

function Page(props: WebSocketOptions) {
  seen.handle = useWebSocket(props);
  seen.renders += 1;
  return <p>{seen.handle.isConnected ? "connected" : seen.handle.status}</p>;
}

const strict = (props: Partial<WebSocketOptions>) => (
  <StrictMode>
    <Page url={URL} getToken={() => "a.b.c"} {...props} />
  </StrictMode>
);

/** Moves the clock, and lets promises that are due happen. */
export const wait = (milliseconds = 0) => act(() => vi.advanceTimersByTimeAsync(milliseconds));

/** A page with one socket, in Strict Mode; it has asked for its token already. */
export async function mount(props: Partial<WebSocketOptions> = {}) {
  const view = render(strict(props));
  await wait();
  const rerender = (next: Partial<WebSocketOptions>) => view.rerender(strict(next));
  return { ...view, rerender };
}

/** The same, and the socket is open. */
export async function mountOpen(props: Partial<WebSocketOptions> = {}) {
  const view = await mount(props);
  act(() => FakeWebSocket.last.opens());
  return view;
}

/** A world of fake sockets and fake time, without chance, for each test of a file. */
export function installSockets(): void {
  beforeEach(() => {
    FakeWebSocket.made = [];
    seen.renders = 0;
    vi.useFakeTimers();
    vi.stubGlobal("WebSocket", FakeWebSocket);
    vi.spyOn(Math, "random").mockReturnValue(0.5);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });
}
