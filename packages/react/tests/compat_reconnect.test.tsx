import { act } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { FakeWebSocket } from "./support/fake_web_socket";
import { installSockets, mount, mountOpen, seen, wait } from "./support/socket_page";

installSockets();

describe("a lost socket", () => {
  it("comes back by itself, later after each failure, each time with a fresh token covers(000-28)", async () => {
    const getToken = vi.fn(() => "a.b.c");
    const onClose = vi.fn();
    const { container } = await mountOpen({ getToken, onClose });
    for (const delay of [1000, 2000, 4000, 8000]) {
      const { length } = FakeWebSocket.made;
      act(() => FakeWebSocket.last.closes(1006));
      expect(container.textContent).toBe("waiting");
      await wait(delay - 1);
      expect(FakeWebSocket.made).toHaveLength(length);
      await wait(1);
      expect(FakeWebSocket.made).toHaveLength(length + 1);
    }
    act(() => FakeWebSocket.last.opens());
    expect(container.textContent).toBe("connected");
    // Strict Mode asked once for the life that ended at once.
    expect(getToken).toHaveBeenCalledTimes(6);
    expect(onClose).toHaveBeenCalledTimes(4);
  });

  it("begins with one second again after it was stable for half a minute", async () => {
    await mountOpen();
    act(() => FakeWebSocket.last.closes(1006));
    await wait(1000);
    act(() => FakeWebSocket.last.opens());
    await wait(30_000);
    act(() => FakeWebSocket.last.closes(1006));
    await wait(1000);
    expect(FakeWebSocket.made).toHaveLength(3);
  });

  it.each([1000, 1008, 4000, 4001, 4005])("stays away after %i", async (code) => {
    const { container } = await mountOpen();
    act(() => FakeWebSocket.last.closes(code));
    await wait(300_000);
    dispatchEvent(new Event("online"));
    await wait(300_000);
    expect(FakeWebSocket.made).toHaveLength(1);
    expect(container.textContent).toBe("closed");
    expect(seen.handle.closeCode).toBe(code);
  });

  it.each([
    [1001, 1000],
    [1011, 1000],
    [4003, 33_000],
    [4009, 0],
  ])("comes back after %i, in %i ms", async (code, delay) => {
    await mountOpen();
    act(() => FakeWebSocket.last.closes(code));
    await wait(delay);
    expect(FakeWebSocket.made).toHaveLength(2);
  });

  it("comes back once after 4002, with another token, and stays away when that is refused too", async () => {
    const getToken = vi.fn(({ isStale }: { isStale: boolean }) => (isStale ? "new.er.one" : "a.b.c"));
    await mountOpen({ getToken });
    act(() => FakeWebSocket.last.closes(4002));
    await wait(1);
    expect(FakeWebSocket.last.protocols).toEqual(["carillon.bell", "bearer.new.er.one"]);
    act(() => FakeWebSocket.last.closes(4002));
    await wait(300_000);
    expect(FakeWebSocket.made).toHaveLength(2);
    act(() => seen.handle.retry());
    await wait();
    act(() => FakeWebSocket.last.opens());
    expect(seen.handle.isConnected).toBe(true);
  });

  it("stays away as long as the server asks", async () => {
    const onMessage = vi.fn();
    await mountOpen({ onMessage });
    const refusal = { type: "error", error: "Full.", code: "busy", retry_after: 40, fatal: true };
    FakeWebSocket.last.says(refusal);
    act(() => FakeWebSocket.last.closes(1013));
    await wait(39_999);
    expect(FakeWebSocket.made).toHaveLength(1);
    await wait(10_000);
    expect(FakeWebSocket.made).toHaveLength(2);
    expect(onMessage).toHaveBeenCalledWith(refusal);
  });

  it("does not come back where the host does not want it", async () => {
    await mountOpen({ reconnect: false });
    act(() => FakeWebSocket.last.closes(1006));
    await wait(300_000);
    expect(FakeWebSocket.made).toHaveLength(1);
    expect(seen.handle.status).toBe("closed");
  });

  it("gives up after ten failures, until the network is back", async () => {
    await mount();
    for (let failure = 0; failure < 10; failure += 1) {
      act(() => FakeWebSocket.last.closes(1006));
      await wait(60_000);
    }
    expect(FakeWebSocket.made).toHaveLength(10);
    expect(seen.handle.status).toBe("closed");
    dispatchEvent(new Event("online"));
    await wait();
    expect(FakeWebSocket.made).toHaveLength(11);
  });

  it("is replaced at once when the network comes back, for nothing would tell that it is dead covers(000-28)", async () => {
    await mountOpen();
    const before = FakeWebSocket.last;
    act(() => void dispatchEvent(new Event("online")));
    await wait();
    expect(before.closedWith).toBe(1000);
    expect(FakeWebSocket.made).toHaveLength(2);
    act(() => FakeWebSocket.last.opens());
    expect(seen.handle.isConnected).toBe(true);
  });

  it("tries again when the token could not be had, and tells of one that fits no header", async () => {
    const onError = vi.fn();
    const tokens = [() => Promise.reject(new Error("away")), () => Promise.resolve("Bearer a.b.c"), () => "a.b.c"];
    let asked = 0;
    await mount({ onError, getToken: () => tokens[Math.max(0, asked++ - 1)]?.() ?? null });
    expect(FakeWebSocket.made).toHaveLength(0);
    await wait(1000);
    expect(onError).toHaveBeenCalledWith(expect.objectContaining({ code: "unsupported" }));
    await wait(2000);
    expect(FakeWebSocket.made).toHaveLength(1);
  });
});
