import { act, fireEvent, screen, within } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { NotificationBell } from "../src/index";
import { FakeClient } from "./support/fake_client";
import { AWA, many, notification } from "./support/notifications";
import { bell, expectAccessible, openPanel, renderWith, settle } from "./support/render";

afterEach(() => vi.useRealTimers());

async function renderBell(items = many(3), onNavigate = vi.fn()) {
  const rendered = renderWith(<NotificationBell href="/notifications" />, {
    client: new FakeClient(items),
    onNavigate,
  });
  await settle();
  return { ...rendered, onNavigate };
}

describe("the bell", () => {
  it("says how many are unread, in words and on its badge", async () => {
    await renderBell(many(3));
    expect(bell()).toHaveProperty("ariaLabel", "Notifications\u00a0: 3\u00a0non lues");
    expect(within(bell()).getByText("3").getAttribute("aria-hidden")).toBe("true");
  });

  it("counts up to 99+", async () => {
    await renderBell(many(120));
    expect(within(bell()).getByText("99+")).toBeTruthy();
    expect(document.title).toBe("(99+) Accueil · Produit");
  });

  it("has no badge when nothing is unread, and claims nothing before it knows", async () => {
    const { container } = renderWith(<NotificationBell />, { client: new FakeClient([]) });
    expect(bell().getAttribute("aria-label")).toBe("Notifications");
    await settle();
    expect(bell().getAttribute("aria-label")).toBe("Notifications\u00a0: aucune non lue");
    expect(container.querySelector(".carillon-badge")).toBeNull();
  });

  it("counts in the title and dots the favicon, also when the host changes the title", async () => {
    document.head.insertAdjacentHTML("beforeend", '<link rel="icon" href="/plain.svg" data-carillon-dot="/dot.svg">');
    const { unmount } = await renderBell(many(2));
    const icon = document.querySelector("link[rel=icon]");
    expect(document.title).toBe("(2) Accueil · Produit");
    expect(icon?.getAttribute("href")).toBe("/dot.svg");
    document.title = "Autre page";
    await settle();
    expect(document.title).toBe("(2) Autre page");
    unmount();
    expect(document.title).toBe("Autre page");
    expect(icon?.getAttribute("href")).toContain("/plain.svg");
  });
});

describe("opening the panel", () => {
  it("marks seen, not read", async () => {
    const { client, user } = await renderBell(many(3));
    await openPanel(user);
    expect(client.named("seen")).toEqual([{ up_to: 3 }]);
    expect(client.named("read")).toEqual([]);
    expect(client.inbox).toMatchObject({ unread: 3, unseen: 0 });
  });

  it("also marks seen what comes while it is open", async () => {
    const { client, user } = await renderBell(many(1));
    await openPanel(user);
    act(() => client.arrive(notification(2)));
    await settle();
    expect(client.inbox.unseen).toBe(0);
  });

  it("focuses the first unread row", async () => {
    const { user } = await renderBell([notification(2, { is_read: true, is_seen: true }), notification(1)]);
    await openPanel(user);
    expect(document.activeElement?.textContent).toBe("Phrase 1");
  });

  it("focuses the panel when nothing is unread", async () => {
    const { user } = await renderBell([]);
    expect(await openPanel(user)).toBe(document.activeElement);
  });

  it("closes with Escape and gives the focus back to the bell", async () => {
    const { user } = await renderBell();
    await openPanel(user);
    expect(bell().getAttribute("aria-expanded")).toBe("true");
    await user.keyboard("{Escape}");
    expect(bell().getAttribute("aria-expanded")).toBe("false");
    expect(document.activeElement).toBe(bell());
  });

  it("is walked by keys: j, k, u, e, and the next row takes the place of the one that left", async () => {
    const { client, user } = await renderBell(many(3));
    await openPanel(user);
    await user.keyboard("j");
    expect(document.activeElement?.textContent).toBe("Phrase 3");
    await user.keyboard("j");
    expect(document.activeElement?.textContent).toBe("Phrase 2");
    await user.keyboard("u");
    expect(client.named("read")).toEqual([{ ids: [notification(2).id] }]);
    await user.keyboard("e");
    await settle();
    expect(client.named("archive")).toEqual([{ ids: [notification(2).id] }]);
    expect(document.activeElement?.textContent).toBe("Phrase 1");
    await user.keyboard("k");
    expect(document.activeElement?.textContent).toBe("Phrase 3");
  });

  it("has no axe violation, with rows, actions and menu", async () => {
    const { user } = await renderBell([notification(9, { actor: AWA, title: "Awa Diallo vous écrit" }), ...many(3)]);
    const panel = await openPanel(user);
    await user.keyboard("j");
    await expectAccessible();
    await user.click(within(panel).getAllByRole("button", { name: "Autres actions" })[0] as HTMLElement);
    expect(screen.getByRole("menu", { name: "Autres actions" })).toBeTruthy();
    await expectAccessible();
  });
});

describe("a click on a row", () => {
  it("reads it, goes where it points, and closes the panel", async () => {
    const { client, user, onNavigate } = await renderBell([notification(1, { url: "/projets/7?vue=liste" })]);
    await openPanel(user);
    await user.click(screen.getByRole("link", { name: "Phrase 1" }));
    await settle();
    expect(client.named("read")).toEqual([{ ids: [notification(1).id] }]);
    expect(onNavigate).toHaveBeenCalledWith("/projets/7?vue=liste", expect.objectContaining({ number: 1 }));
    expect(screen.queryByRole("link", { name: "Phrase 1" })).toBeNull();
  });

  it("leaves other sites and new tabs to the browser, and still reads", async () => {
    const items = [notification(2, { url: "https://example.org/a" }), notification(1)];
    const { client, user, onNavigate } = await renderBell(items);
    await openPanel(user);
    const outside = screen.getByRole("link", { name: "Phrase 2" });
    outside.addEventListener("click", (event) => queueMicrotask(() => event.preventDefault()));
    expect(fireEvent.click(outside)).toBe(true);
    expect(fireEvent.click(screen.getByRole("link", { name: "Phrase 1" }), { ctrlKey: true })).toBe(true);
    await settle();
    expect(onNavigate).not.toHaveBeenCalled();
    expect(client.inbox.unread).toBe(0);
  });

  it("never opens a script", async () => {
    const { user } = await renderBell([notification(1, { url: "javascript:alert(1)" })]);
    await openPanel(user);
    expect(screen.queryByRole("link", { name: "Phrase 1" })).toBeNull();
    expect(screen.getByRole("button", { name: "Phrase 1" })).toBeTruthy();
  });

  it("reads a group at once, and tells how many and who", async () => {
    const group = [3, 2, 1].map((number) =>
      notification(number, { group_key: "g", actor: AWA, title: `Phrase ${number}` }),
    );
    const { client, user } = await renderBell(group);
    await openPanel(user);
    await user.click(screen.getByRole("button", { name: "Voir les 3" }));
    expect(screen.getByRole("link", { name: "Phrase 1" })).toBeTruthy();
    await user.click(screen.getAllByRole("link", { name: "Phrase 3" })[0] as HTMLElement);
    await settle();
    expect(client.inbox.unread).toBe(0);
  });
});

describe("arrivals", () => {
  it("swing the bell once and are told once per burst", async () => {
    const { client } = await renderBell([]);
    vi.useFakeTimers();
    const region = bell().parentElement?.querySelector('[role="status"]');
    const told: (string | null | undefined)[] = [];
    for (const number of [1, 2, 3]) {
      act(() => client.arrive(notification(number)));
      act(() => void vi.advanceTimersByTime(200));
      told.push(region?.textContent);
    }
    expect(told).toEqual(["", "", ""]);
    expect(bell().hasAttribute("data-ringing")).toBe(true);
    act(() => void vi.advanceTimersByTime(700));
    expect(region?.textContent).toBe("3\u00a0nouvelles notifications");
    expect(bell().hasAttribute("data-ringing")).toBe(false);
  });

  it("alone are told by their sentence", async () => {
    const { client } = await renderBell([]);
    vi.useFakeTimers();
    act(() => client.arrive(notification(1, { title: "Awa vous écrit" })));
    act(() => void vi.advanceTimersByTime(700));
    expect(screen.getByText("Nouvelle notification : Awa vous écrit")).toBeTruthy();
  });

  it("wait behind a pill while a row has the focus, and show when asked for", async () => {
    const { client, user } = await renderBell(many(2));
    await openPanel(user);
    act(() => client.arrive(notification(3)));
    await settle();
    expect(screen.queryByRole("link", { name: "Phrase 3" })).toBeNull();
    await user.click(screen.getByRole("button", { name: "1\u00a0nouvelle" }));
    expect(document.activeElement?.textContent).toBe("Phrase 3");
    expect(screen.queryByRole("button", { name: "1\u00a0nouvelle" })).toBeNull();
  });
});

describe("undo", () => {
  it("takes back “mark all as read” from the toast", async () => {
    const { client, user } = await renderBell(many(4));
    const panel = await openPanel(user);
    await user.click(within(panel).getAllByRole("button", { name: "Tout marquer comme lu" })[0] as HTMLElement);
    await settle();
    expect(client.inbox.unread).toBe(0);
    expect(screen.getByText("Tout est marqué comme lu")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Annuler" }));
    await settle();
    expect(client.named("restore_unread")).toEqual([{ stamp: "stamp" }]);
    expect(client.inbox.unread).toBe(4);
  });

  it("answers to Ctrl+Z while the toast shows, for six seconds", async () => {
    const { client, user } = await renderBell(many(2));
    await openPanel(user);
    await user.keyboard("je");
    await settle();
    await user.keyboard("{Control>}z{/Control}");
    await settle();
    expect(client.named("unarchive")).toEqual([{ ids: [notification(2).id] }]);
    await user.keyboard("{Control>}z{/Control}");
    await settle();
    expect(client.named("unarchive")).toHaveLength(1);
  });

  it("sends a deletion only when it can no longer be taken back", async () => {
    const { client, user } = await renderBell(many(2));
    const panel = await openPanel(user);
    vi.useFakeTimers();
    fireEvent.click(within(panel).getAllByRole("button", { name: "Autres actions" })[0] as HTMLElement);
    fireEvent.click(screen.getByRole("menuitem", { name: "Supprimer" }));
    expect(screen.queryByRole("link", { name: "Phrase 2" })).toBeNull();
    fireEvent.click(screen.getByRole("button", { name: "Annuler" }));
    await act(async () => void vi.advanceTimersByTime(10_000));
    expect(screen.getByRole("link", { name: "Phrase 2" })).toBeTruthy();
    expect(client.named("delete")).toEqual([]);
    void user;
  });
});
