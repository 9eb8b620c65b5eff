import { ClientError } from "@carillon/client";
import { act, render, screen } from "@testing-library/react";
import { StrictMode } from "react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { CarillonProvider, NotificationBell, NotificationCenter, useConnection, useNotifications } from "../src/index";
import { FakeClient } from "./support/fake_client";
import { many } from "./support/notifications";
import { bell, expectAccessible, openPanel, renderWith, settle } from "./support/render";
import { installScrolling } from "./support/scrolling";

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const both = [
  ["bell", <NotificationBell key="bell" />],
  ["center", <NotificationCenter key="center" />],
] as const;

async function show(kind: string, ui: React.ReactElement, client: FakeClient) {
  const rendered = renderWith(ui, { client });
  await settle();
  if (kind === "bell") {
    await openPanel(rendered.user);
  }
  return rendered;
}

describe.each(both)("the states of the %s", (kind, ui) => {
  it("empty: says so, and what will come", async () => {
    await show(kind, ui, new FakeClient());
    expect(screen.getByText("Rien pour l’instant")).toBeTruthy();
    await expectAccessible();
  });

  it("loading: shapes that are not read out, and one word that is", async () => {
    const client = new FakeClient();
    client.gate = new Promise(() => undefined);
    const { container } = await show(kind, ui, client);
    expect(screen.getByText("Chargement des notifications").getAttribute("role")).toBe("status");
    expect(container.querySelector(".carillon-skeletons")?.getAttribute("aria-hidden")).toBe("true");
    await expectAccessible();
  });

  it("failed: what happened, what to do; and trying again works", async () => {
    const client = new FakeClient(many(2));
    client.failure = new ClientError("network", "gone");
    const { user } = await show(kind, ui, client);
    expect(screen.getByRole("alert").textContent).toContain("Vos notifications n’ont pas pu être chargées");
    await expectAccessible();
    client.failure = null;
    await user.click(screen.getByRole("button", { name: "Réessayer" }));
    await settle();
    expect(screen.getByRole("link", { name: "Phrase 2" })).toBeTruthy();
  });

  it("not ours to see: says so", async () => {
    const client = new FakeClient();
    client.failure = new ClientError("forbidden", "no", { status: 403 });
    await show(kind, ui, client);
    expect(screen.getByRole("alert").textContent).toContain("ne vous sont pas ouvertes");
    await expectAccessible();
  });

  it("offline: nothing for 2 s, a line, and after 10 s a button", async () => {
    const client = new FakeClient(many(1));
    await show(kind, ui, client);
    vi.useFakeTimers();
    const since = Date.now();
    act(() => client.connection.state.update({ status: "waiting", since, downSince: since, mayRetry: true }));
    act(() => void vi.advanceTimersByTime(1900));
    expect(screen.queryByText("Reconnexion…")).toBeNull();
    act(() => void vi.advanceTimersByTime(200));
    expect(screen.getByText("Reconnexion…")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Réessayer" })).toBeNull();
    act(() => void vi.advanceTimersByTime(8000));
    act(() => screen.getByRole("button", { name: "Réessayer" }).click());
    expect(client.calls.retry).toBe(1);
    vi.useRealTimers();
    await expectAccessible();
  });

  it("of 500 items", async () => {
    const { toEnd, near } = installScrolling();
    const client = new FakeClient(many(500, { message: "Un mot." }));
    await show(kind, ui, client);
    while (await toEnd());
    near(() => true);
    expect(document.querySelectorAll("article")).toHaveLength(500);
    // axe walks 500 rows in seconds in a browser (the screenshots script does), in minutes in jsdom: here a part of them.
    for (const part of [".carillon-list-chunk:last-of-type", ".carillon-list-end"]) {
      await expectAccessible(document.querySelector(part) as Element);
    }
  }, 30_000);
});

describe("the provider", () => {
  it("starts and stops the connection once each, also under Strict Mode", async () => {
    const client = new FakeClient(many(1));
    const { unmount } = render(
      <StrictMode>
        <CarillonProvider client={client} language="fr" sound={false}>
          <NotificationBell />
        </CarillonProvider>
      </StrictMode>,
    );
    await settle();
    expect(client.calls.start - client.calls.stop).toBe(1);
    expect(client.requests).toHaveLength(1);
    unmount();
    expect(client.calls.start).toBe(client.calls.stop);
    expect(client.calls.destroy).toBe(0);
  });

  it("makes its own client after mounting, and leaves none behind", async () => {
    const sockets: string[] = [];
    class NoSocket {
      constructor(url: string) {
        sockets.push(url);
      }
      close() {}
      send() {}
    }
    const fetch = vi.fn(() => Promise.reject(new Error("no server here")));
    const { unmount } = render(
      <StrictMode>
        <CarillonProvider
          options={{ getToken: () => null, fetch, WebSocket: NoSocket as never }}
          language="en"
          sound={false}
        >
          <NotificationBell />
        </CarillonProvider>
      </StrictMode>,
    );
    await settle();
    expect(bell()).toBeTruthy();
    unmount();
  });

  it("speaks the session's language, else the page's; the host's words win", async () => {
    const client = new FakeClient();
    document.documentElement.lang = "en";
    const ui = (
      <CarillonProvider client={client} labels={{ markAll: "All done" }} sound={false}>
        <NotificationCenter />
      </CarillonProvider>
    );
    const { rerender } = render(ui);
    await settle();
    expect(screen.getByRole("button", { name: "All done" })).toBeTruthy();
    expect(screen.getByText("Nothing yet")).toBeTruthy();
    act(() => client.session.state.update({ language: "fr" }));
    rerender(ui);
    expect(screen.getByText("Rien pour l’instant")).toBeTruthy();
    expect(client.language).toBe("fr");
    document.documentElement.lang = "";
  });

  it("gives hooks to hosts that draw their own", async () => {
    function Own() {
      const { items, inbox, store } = useNotifications();
      const { phase } = useConnection();
      return (
        <button type="button" onClick={() => store?.markRead(items.map((item) => item.id))}>
          {phase} {items.length} {inbox.unread}
        </button>
      );
    }
    const { user } = renderWith(<Own />, { client: new FakeClient(many(2)) });
    await settle();
    await user.click(screen.getByRole("button", { name: "quiet 2 2" }));
    await settle();
    expect(screen.getByRole("button", { name: "quiet 2 0" })).toBeTruthy();
  });

  it("is asked for by name when it is missing", () => {
    const silence = vi.spyOn(console, "error").mockImplementation(() => undefined);
    expect(() => render(<NotificationBell />)).toThrow("CarillonProvider");
    silence.mockRestore();
  });
});
