import { act, render } from "@testing-library/react";
import { StrictMode } from "react";
import { describe, expect, it, vi } from "vitest";
import { createUseWebSocket, useWebSocket } from "../src/compat/index";
import { CarillonProvider } from "../src/index";
import { FakeClient } from "./support/fake_client";
import { FakeWebSocket } from "./support/fake_web_socket";
import { installSockets, mount, mountOpen, RING, seen, URL, wait } from "./support/socket_page";

installSockets();

describe("useWebSocket", () => {
  it("opens one socket for a relative path, also in Strict Mode, with the JWT beside the protocol's name covers(000-25, 000-26, 000-29)", async () => {
    const { container } = await mount();
    expect(FakeWebSocket.made).toHaveLength(1);
    expect(FakeWebSocket.last.url).toBe("ws://localhost:3000/ws/notifications/");
    expect(FakeWebSocket.last.protocols).toEqual(["carillon.bell", "bearer.a.b.c"]);
    expect(container.textContent).toBe("connecting");
    act(() => FakeWebSocket.last.opens());
    expect(container.textContent).toBe("connected");
    await wait(120_000);
    expect(FakeWebSocket.made).toHaveLength(1);
    expect(FakeWebSocket.last.sent).toEqual([]);
  });

  it("takes whole addresses, other protocols, and no token", async () => {
    await mount({ url: "https://example.test/ws/chat/?room=1", protocols: ["rooms"], getToken: () => null });
    expect(FakeWebSocket.last).toMatchObject({ url: "wss://example.test/ws/chat/?room=1", protocols: ["rooms"] });
  });

  it("keeps its socket when only functions change, and takes another for another address", async () => {
    const { rerender } = await mountOpen({ onMessage: () => undefined, protocols: ["one", "two"] });
    const { send } = seen.handle;
    rerender({ onMessage: () => undefined, protocols: ["one", "two"], getToken: () => "d.e.f" });
    await wait();
    expect(FakeWebSocket.made).toHaveLength(1);
    expect(seen.handle.send).toBe(send);
    rerender({ url: "/ws/other/" });
    await wait();
    expect(FakeWebSocket.made.map((socket) => socket.closedWith)).toEqual([1000, undefined]);
    rerender({ url: null });
    await wait();
    expect(FakeWebSocket.made.map((socket) => socket.closedWith)).toEqual([1000, 1000]);
    expect(seen.handle.status).toBe("closed");
  });

  it("hands over a burst of 1,000 messages parsed, in order, each once, without rendering covers(000-26)", async () => {
    const numbers: number[] = [];
    await mountOpen({
      onMessage: (message) => numbers.push(message.type === "notification" ? message.unread_count : -1),
    });
    const before = seen.renders;
    act(() => {
      for (let count = 0; count < 1000; count += 1) FakeWebSocket.last.says({ ...RING, unread_count: count });
    });
    expect(numbers).toEqual(Array.from({ length: 1000 }, (_, index) => index));
    expect(seen.renders).toBe(before);
  });

  it("calls the function of the last render, also in the middle of a burst", async () => {
    const heard: string[] = [];
    const { rerender } = await mountOpen({ onMessage: () => heard.push("first") });
    for (let count = 0; count < 500; count += 1) FakeWebSocket.last.says(RING);
    rerender({ onMessage: () => heard.push("second") });
    for (let count = 0; count < 500; count += 1) FakeWebSocket.last.says(RING);
    expect([heard.indexOf("second"), heard.length]).toEqual([500, 1000]);
  });

  it("goes on after what is not JSON, and after a function that fails", async () => {
    const onError = vi.fn();
    const onMessage = vi.fn(() => {
      if (onMessage.mock.calls.length === 1) throw new Error("the host's own");
    });
    await mountOpen({ onMessage, onError });
    FakeWebSocket.last.says("{");
    expect(onError).toHaveBeenCalledWith(expect.objectContaining({ code: "bad_answer" }));
    expect(() => FakeWebSocket.last.says(RING)).toThrow("the host's own");
    FakeWebSocket.last.says(RING);
    expect(onMessage).toHaveBeenCalledTimes(2);
    expect(seen.handle.isConnected).toBe(true);
  });

  it("closes with 1000 when it leaves, and calls nobody any more", async () => {
    const onMessage = vi.fn();
    const { unmount } = await mountOpen({ onMessage });
    const socket = FakeWebSocket.last;
    unmount();
    expect(socket.closedWith).toBe(1000);
    socket.says(RING);
    dispatchEvent(new Event("online"));
    await wait(120_000);
    expect(onMessage).not.toHaveBeenCalled();
    expect(FakeWebSocket.made).toHaveLength(1);
  });
});

describe("send", () => {
  it("sends an object as JSON covers(000-27)", async () => {
    await mountOpen();
    expect(seen.handle.send({ type: "mark_read", notification_id: "123" })).toBe(true);
    expect(FakeWebSocket.last.sent).toEqual([{ type: "mark_read", notification_id: "123" }]);
  });

  it("tells, and sends nothing, while the socket is not open", async () => {
    const onError = vi.fn();
    await mount({ onError });
    expect(seen.handle.send({ type: "mark_read" })).toBe(false);
    act(() => FakeWebSocket.last.opens());
    FakeWebSocket.last.readyState = 2;
    expect(seen.handle.send({ type: "mark_read" })).toBe(false);
    expect(onError.mock.calls.map(([error]) => error.code)).toEqual(["not_open", "not_open"]);
    expect(FakeWebSocket.last.sent).toEqual([]);
  });

  it("tells the console when nobody else listens", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
    await mount({ url: null });
    expect(seen.handle.send({})).toBe(false);
    expect(log).toHaveBeenCalledWith(expect.objectContaining({ code: "not_open" }));
  });
});

describe("without a token of its own", () => {
  /** A provider's client that hands out tickets. */
  function clientWithTickets() {
    const client = new FakeClient();
    let tickets = 0;
    const post = vi.fn((_path: string) => {
      tickets += 1;
      return Promise.resolve({ ticket: `t${tickets}`, expires_in: 30 });
    });
    return { client, post, rest: Object.assign(client.rest, { post }) };
  }

  function Bare({ url = URL }: { url?: string }) {
    seen.handle = useWebSocket({ url });
    return null;
  }

  async function mountBare(client: FakeClient, url?: string) {
    render(
      <StrictMode>
        <CarillonProvider client={client} sound={false}>
          <Bare {...(url && { url })} />
        </CarillonProvider>
      </StrictMode>,
    );
    await wait();
  }

  it("shows a one-time ticket of the provider's client, another for each attempt", async () => {
    const { client, post } = clientWithTickets();
    await mountBare(client);
    expect(post).toHaveBeenCalledWith("/auth/ticket/");
    expect(FakeWebSocket.made).toHaveLength(1);
    const [, first] = FakeWebSocket.last.protocols;
    expect(first).toMatch(/^ticket\.t\d$/);
    act(() => FakeWebSocket.last.closes(1006));
    await wait(1000);
    expect(FakeWebSocket.last.protocols[1]).not.toBe(first);
  });

  it("shows it to no other site", async () => {
    const { client, post } = clientWithTickets();
    await mountBare(client, "wss://elsewhere.test/ws/");
    await mountBare(client, "//elsewhere.test/ws/");
    expect(FakeWebSocket.made.map(({ protocols }) => protocols)).toEqual([["carillon.bell"], ["carillon.bell"]]);
    expect(post).not.toHaveBeenCalled();
  });

  it("is open for who is signed in, and for nobody else", async () => {
    const { client } = clientWithTickets();
    await mountBare(client);
    act(() => FakeWebSocket.last.opens());
    const person = { id: "2", name: "Bruno Marchetti", role: "", avatar: "", username: "" };
    act(() => client.session.state.update({ person }));
    await wait();
    expect(FakeWebSocket.made.map((socket) => socket.closedWith)).toEqual([1000, undefined]);
    act(() => client.session.state.update({ status: "anonymous", person: null }));
    await wait();
    expect(FakeWebSocket.made.map((socket) => socket.closedWith)).toEqual([1000, 1000]);
  });

  it("stays the same when a host's session learns its name", async () => {
    const { client } = clientWithTickets();
    client.session.state.update({ person: null });
    await mountBare(client);
    act(() =>
      client.session.state.update({ person: { id: "1", name: "Alice Fontaine", role: "", avatar: "", username: "" } }),
    );
    await wait();
    expect(FakeWebSocket.made.map((socket) => socket.closedWith)).toEqual([undefined]);
  });

  it("relies on the session cookie where there is no provider, or no ticket", async () => {
    render(<Bare />);
    await wait();
    expect(FakeWebSocket.last.protocols).toEqual(["carillon.bell"]);
  });

  it("has the host's defaults where it made the hook so", async () => {
    const useOwn = createUseWebSocket({ getToken: () => "d.e.f" });
    const Own = () => {
      seen.handle = useOwn({ url: URL });
      return null;
    };
    render(<Own />);
    await wait();
    expect(FakeWebSocket.last.protocols).toEqual(["carillon.bell", "bearer.d.e.f"]);
  });
});
