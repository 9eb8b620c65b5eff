import type { ConnectionStatus } from "@carillon/client";
import { act, render, screen, within } from "@testing-library/react";
import { type ComponentType, StrictMode } from "react";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  MenteeNotifications,
  MentorNotifications,
  NotificationBadge,
  NotificationHeader,
  NotificationList,
  Notifications,
  type NotificationsHandle,
  NotificationsPage,
  useNotifications,
} from "../src/compat/index";
import NotificationsFile from "../src/compat/pages/Notifications";
import { CarillonProvider, NotificationBadge as PublicBadge } from "../src/index";
import { FakeClient } from "./support/fake_client";
import { many, notification } from "./support/notifications";
import { bell, expectAccessible, openPanel, renderWith, settle } from "./support/render";

afterEach(() => vi.useRealTimers());

const strictly = (Component: ComponentType) => (
  <StrictMode>
    <Component />
  </StrictMode>
);

describe("Notifications, in a header covers(000-30, 000-31, 000-32)", () => {
  function Header() {
    return (
      <header>
        <a href="/">Produit</a>
        <Notifications href="/notifications" />
      </header>
    );
  }

  it("shows what comes at once, in its list and on its badge", async () => {
    const client = new FakeClient(many(2));
    const { user } = renderWith(strictly(Header), { client });
    await settle();
    expect(within(screen.getByRole("banner")).getByRole("button", { name: /2\u00a0non lues/ })).toBe(bell());
    const panel = await openPanel(user);
    act(() => client.arrive(notification(3, { title: "Toute neuve" })));
    await settle();
    expect(within(bell()).getByText("3")).toBeTruthy();
    await user.click(within(panel).getByRole("button", { name: /nouvelle/ }));
    expect(within(panel).getByText("Toute neuve")).toBeTruthy();
    const [markAll] = within(panel).getAllByRole("button", { name: "Tout marquer comme lu" });
    if (markAll) await user.click(markAll);
    await settle();
    expect(bell().querySelector(".carillon-badge")).toBeNull();
    await expectAccessible();
  });

  it("counts a burst of 1,000 to the last one", async () => {
    const client = new FakeClient();
    renderWith(strictly(Header), { client });
    await settle();
    act(() => {
      for (let number = 1; number <= 1000; number += 1) client.arrive(notification(number));
    });
    expect(within(bell()).getByText("99+")).toBeTruthy();
    await settle();
    expect(client.inbox.unread).toBe(1000);
  });
});

it("NotificationBadge is the bell, from both addresses covers(001-30)", async () => {
  expect(PublicBadge).toBe(NotificationBadge);
  renderWith(strictly(NotificationBadge), { client: new FakeClient(many(7)) });
  await settle();
  expect(within(bell()).getByText("7")).toBeTruthy();
});

describe("useNotifications covers(001-29)", () => {
  let latest: NotificationsHandle;
  function Reader(props: Parameters<typeof useNotifications>[0]) {
    latest = useNotifications(props);
    return <p>{latest.unreadCount}</p>;
  }

  async function read(client: FakeClient, props: Parameters<typeof useNotifications>[0] = {}) {
    const view = render(
      <StrictMode>
        <CarillonProvider client={client} sound={false}>
          <Reader {...props} />
        </CarillonProvider>
      </StrictMode>,
    );
    await settle();
    return view;
  }

  it("gives the list and counts all unread ones", async () => {
    const client = new FakeClient(many(40));
    const { container } = await read(client);
    expect(latest).toMatchObject({ unreadCount: 40, isLoading: false, isConnected: true, hasMore: true, error: null });
    expect(latest.notifications).toHaveLength(30);
    await act(() => latest.loadMore());
    expect(latest.notifications).toHaveLength(40);
    act(() => {
      for (let number = 41; number <= 1040; number += 1) client.arrive(notification(number));
    });
    expect(container.textContent).toBe("1040");
  });

  it("marks and deletes, shown at once", async () => {
    const client = new FakeClient(many(3));
    await read(client);
    const id = notification(2).id;
    await act(() => latest.markRead(id));
    expect(latest.unreadCount).toBe(2);
    await act(() => latest.markUnread(id));
    expect(latest.unreadCount).toBe(3);
    await act(() => latest.remove(id));
    expect(latest.notifications.map((item) => item.number)).toEqual([3, 1]);
    await act(() => latest.markAllRead());
    expect(latest.unreadCount).toBe(0);
    expect(client.named("read_all")).toEqual([{ up_to: 3 }]);
    await act(() => latest.clearRead());
    expect(client.named("clear_read")).toEqual([{ up_to: 3 }]);
  });

  it("asks by the document's filters", async () => {
    const client = new FakeClient(many(2));
    await read(client, { unreadOnly: true, type: "email" });
    expect(client.requests[0]).toContain('"unread":true,"type":"email"');
  });

  it("asks every 30 s only while there is no socket", async () => {
    vi.useFakeTimers();
    const client = new FakeClient(many(1));
    const to = (status: ConnectionStatus) =>
      act(() => client.connection.state.update({ status, downSince: Date.now() }));
    const asked = async (seconds: number) => {
      const before = client.requests.length;
      await act(() => vi.advanceTimersByTimeAsync(seconds * 1000));
      return client.requests.length - before;
    };
    await read(client);
    expect(await asked(300)).toBe(0);
    to("waiting");
    expect(latest.isConnected).toBe(false);
    // Ten seconds of grace, then once per half minute.
    expect(await asked(10)).toBe(1);
    expect(await asked(29)).toBe(0);
    expect(await asked(60)).toBe(2);
    to("open");
    await asked(1);
    expect(await asked(300)).toBe(0);
  });
});

describe("the page covers(001-31)", () => {
  it.each([
    ["mentor", MentorNotifications],
    ["mentee", MenteeNotifications],
  ])("of a %s lists, reads and follows what comes", async (_role, Page) => {
    const client = new FakeClient(many(3));
    const onNavigate = vi.fn();
    const { user } = renderWith(strictly(Page), { client, onNavigate });
    await settle();
    expect(screen.getByRole("heading", { level: 1, name: "Notifications" })).toBeTruthy();
    await user.click(screen.getByRole("link", { name: /Phrase 2/ }));
    await settle();
    expect(client.named("read")).toEqual([{ ids: [notification(2).id] }]);
    expect(onNavigate).toHaveBeenCalledWith("/ici/2", expect.anything());
    act(() => client.arrive(notification(4, { title: "Rappel de séance" })));
    await settle();
    await expectAccessible();
    expect(client.inbox.unread).toBe(3);
  });

  it("is one page, by every name", () => {
    expect([NotificationsFile, MentorNotifications, MenteeNotifications]).toEqual(Array(3).fill(NotificationsPage));
  });
});

describe("NotificationHeader and NotificationList covers(001-32)", () => {
  function Page({ unreadOnly = false }: { unreadOnly?: boolean }) {
    return (
      <main>
        <NotificationHeader>
          <button type="button">Réglages</button>
        </NotificationHeader>
        <NotificationList unreadOnly={unreadOnly} />
      </main>
    );
  }

  it("make a page of the host's own", async () => {
    const client = new FakeClient(many(3));
    const { user, rerender } = renderWith(strictly(Page), { client });
    await settle();
    expect(screen.getByText("3 non lues")).toBeTruthy();
    expect(screen.getByRole("button", { name: "Réglages" })).toBeTruthy();
    expect(screen.getAllByRole("listitem")).toHaveLength(3);
    expect(client.inbox.unseen).toBe(0);
    await expectAccessible();

    await user.keyboard("j");
    await user.keyboard("u");
    expect(client.named("read")).toEqual([{ ids: [notification(3).id] }]);
    await settle();
    rerender(<Page unreadOnly />);
    await settle();
    expect(screen.getAllByRole("listitem")).toHaveLength(2);
    await user.click(screen.getByRole("button", { name: "Tout marquer comme lu" }));
    await settle();
    expect(client.inbox.unread).toBe(0);
    expect(screen.getByRole("button", { name: "Tout marquer comme lu" })).toHaveProperty("disabled", true);
    await user.click(screen.getByRole("button", { name: "Annuler" }));
    await settle();
    expect(client.inbox.unread).toBe(3);
  });

  it("tell of a lost connection and of an empty list", async () => {
    const client = new FakeClient();
    client.connection.state.update({
      status: "stopped",
      mayRetry: true,
      reason: { code: 1006, slug: "gave_up", message: "" },
    });
    const { user } = renderWith(strictly(Page), { client });
    await settle();
    await user.click(screen.getByRole("button", { name: "Réessayer" }));
    expect(client.calls.retry).toBe(1);
    expect(screen.getByRole("heading", { level: 1 })).toBeTruthy();
    await expectAccessible();
  });
});
