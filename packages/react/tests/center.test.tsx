import { ClientError } from "@carillon/client";
import { act, fireEvent, screen, within } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { NotificationBell, NotificationCenter } from "../src/index";
import { FakeClient } from "./support/fake_client";
import { many, notification } from "./support/notifications";
import { expectAccessible, openPanel, renderWith, settle } from "./support/render";
import { installScrolling } from "./support/scrolling";

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function renderCenter(items = many(4), onNavigate = vi.fn()) {
  const rendered = renderWith(<NotificationCenter />, { client: new FakeClient(items), onNavigate });
  await settle();
  return { ...rendered, onNavigate };
}

const focused = () => document.activeElement?.textContent;
const shown = () => [...document.querySelectorAll(".carillon-row-link")].map((link) => link.textContent);

describe("the keyboard walk", () => {
  it("moves by j and k from anywhere, opens by Enter, acts by u, e and h", async () => {
    const { client, user, onNavigate } = await renderCenter();
    await user.keyboard("j");
    expect(focused()).toBe("Phrase 4");
    await user.keyboard("jj");
    expect(focused()).toBe("Phrase 2");
    await user.keyboard("k");
    expect(focused()).toBe("Phrase 3");

    await user.keyboard("u");
    expect(client.named("read")).toEqual([{ ids: [notification(3).id] }]);
    await settle();
    await user.keyboard("u");
    await settle();
    expect(client.named("unread")).toEqual([{ ids: [notification(3).id] }]);

    await user.keyboard("{Enter}");
    await settle();
    expect(onNavigate).toHaveBeenCalledWith("/ici/3", expect.objectContaining({ number: 3 }));

    await user.keyboard("e");
    await settle();
    expect(client.named("archive")).toEqual([{ ids: [notification(3).id] }]);
    expect(shown()).toEqual(["Phrase 4", "Phrase 2", "Phrase 1"]);
    expect(focused()).toBe("Phrase 2");

    await user.keyboard("h");
    const menu = screen.getByRole("menu", { name: "Mettre en veille" });
    expect(within(menu).getAllByRole("menuitem")[0]).toBe(document.activeElement);
    await user.keyboard("{ArrowDown}{Enter}");
    await settle();
    expect(client.named("snooze")).toHaveLength(1);
    expect(shown()).toEqual(["Phrase 4", "Phrase 1"]);
    expect(focused()).toBe("Phrase 1");
  });

  it("moves by arrows only inside the list, where they do not take the page's scrolling away", async () => {
    const { user } = await renderCenter();
    await user.keyboard("{ArrowDown}");
    expect(document.activeElement).toBe(document.body);
    await user.keyboard("j{ArrowDown}");
    expect(focused()).toBe("Phrase 3");
    await user.keyboard("{ArrowUp}");
    expect(focused()).toBe("Phrase 4");
  });

  it("never acts while typing", async () => {
    const { client, user } = await renderCenter();
    await user.keyboard("j/");
    expect(document.activeElement).toBe(screen.getByRole("searchbox"));
    await user.keyboard("ue?j");
    expect(client.writes.filter(({ name }) => name !== "notification.seen")).toEqual([]);
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  it("can be switched off in the help, and stays off", async () => {
    const { user, client } = await renderCenter();
    await user.keyboard("?");
    const help = screen.getByRole("dialog", { name: "Raccourcis clavier" });
    await user.click(within(help).getByRole("switch", { name: "Raccourcis actifs" }));
    await user.click(within(help).getAllByRole("button", { name: "Fermer" })[0] as HTMLElement);
    await user.keyboard("jue");
    expect(client.named("read")).toEqual([]);
    expect(localStorage.getItem("carillon:shortcuts")).toBe("0");
    await user.click(screen.getByRole("button", { name: "Raccourcis" }));
    await user.click(screen.getByRole("switch"));
    await user.click(screen.getAllByRole("button", { name: "Fermer" })[0] as HTMLElement);
  });

  it("gives the focus back to the row when a menu is closed", async () => {
    const { user } = await renderCenter();
    await user.keyboard("jh{Escape}");
    expect(screen.queryByRole("menu")).toBeNull();
    expect(focused()).toBe("Phrase 4");
  });

  it("does nothing here while the bell's panel has the keyboard", async () => {
    const client = new FakeClient(many(2));
    const { user } = renderWith(
      <>
        <NotificationBell />
        <NotificationCenter />
      </>,
      { client },
    );
    await settle();
    await openPanel(user);
    await user.keyboard("je");
    await settle();
    expect(client.named("archive")).toEqual([{ ids: [notification(2).id] }]);
  });
});

describe("boxes and filters", () => {
  it("show what was archived, and put it back", async () => {
    const { client, user } = await renderCenter([
      notification(2),
      notification(1, { is_archived: true, is_read: true }),
    ]);
    await user.click(screen.getByRole("button", { name: "Archives" }));
    await settle();
    expect(shown()).toEqual(["Phrase 1"]);
    await user.keyboard("je");
    await settle();
    expect(client.named("unarchive")).toHaveLength(1);
    expect(screen.getByText("Aucune archive")).toBeTruthy();
  });

  it("show until when something is snoozed, and wake it up", async () => {
    const until = new Date(Date.now() + 90 * 86_400_000).toISOString();
    const { client, user } = await renderCenter([notification(1, { snoozed_until: until })]);
    await user.click(screen.getByRole("button", { name: "En veille" }));
    await settle();
    expect(screen.getByText(/^en veille jusqu’à/)).toBeTruthy();
    await user.keyboard("jh");
    await settle();
    expect(client.named("unsnooze")).toHaveLength(1);
  });

  it("search once the words stand still, and keep the field's focus", async () => {
    const { client, user } = await renderCenter();
    await user.type(screen.getByRole("searchbox"), "phrase 3");
    await vi.waitFor(() => expect(shown()).toEqual(["Phrase 3"]));
    expect(document.activeElement).toBe(screen.getByRole("searchbox"));
    expect(client.requests.filter((request) => request.includes('"q"'))).toHaveLength(1);
  });

  it("show the unread alone", async () => {
    const { user } = await renderCenter([notification(2, { is_read: true }), notification(1)]);
    await user.click(screen.getByRole("button", { name: "Non lues", pressed: false }));
    await settle();
    expect(shown()).toEqual(["Phrase 1"]);
  });

  it("stand under their days", async () => {
    const at = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
    await renderCenter([0, 1, 400].map((days, index) => notification(9 - index, { created_at: at(days) })));
    const headings = screen.getAllByRole("heading", { level: 2 }).map((heading) => heading.textContent);
    expect(headings.slice(0, 2)).toEqual(["Aujourd’hui", "Hier"]);
    expect(headings[2]).toMatch(/^\p{Lu}\p{L}+ \d{4}$/u);
  });
});

describe("a long list", () => {
  it("fetches the next page when its end comes near, and offers another try when that fails", async () => {
    const { toEnd, near } = installScrolling();
    const { client, user } = await renderCenter(many(70));
    near(() => true);
    expect(shown()).toHaveLength(30);
    await toEnd();
    near(() => true);
    expect(shown()).toHaveLength(60);

    client.failure = new ClientError("network", "gone");
    await toEnd();
    expect(screen.getByText("La suite n’a pas pu être chargée.")).toBeTruthy();
    expect(await toEnd()).toBe(false);
    client.failure = null;
    await user.click(screen.getByRole("button", { name: "Réessayer" }));
    await settle();
    while (await toEnd());
    near(() => true);
    expect(shown()).toHaveLength(70);
    expect(screen.getByText("Vous avez tout vu.")).toBeTruthy();
  });

  it("draws what is near the view, keeps the place of the rest, and keeps what the keyboard is in", async () => {
    const { near, toEnd } = installScrolling();
    const { user } = await renderCenter(many(300));
    while (await toEnd());
    const parts = () => [...document.querySelectorAll<HTMLElement>(".carillon-list-chunk")];
    const drawn = () => parts().flatMap((part, index) => (part.querySelector("article") ? [index] : []));
    near((index) => index === 6 || index === 7);
    expect(drawn()).toEqual([6, 7]);
    expect(parts()[0]?.style.blockSize).toBe("1234px");
    expect(parts()[9]?.style.blockSize).toMatch(/^\d+px$/);
    expect(parts()[9]?.getAttribute("aria-hidden")).toBe("true");
    // From far below, the first key goes to the first row, wherever the view is.
    await user.keyboard("j");
    await settle();
    expect(focused()).toBe("Phrase 300");
    expect(drawn()).toEqual([0, 1, 6, 7]);
    await expectAccessible();
  }, 20_000);

  it("leaves rows alone that did not change", async () => {
    const { client } = await renderCenter(many(30));
    const rows = [...document.querySelectorAll("article")];
    act(() => client.arrive(notification(31)));
    await settle();
    const now = [...document.querySelectorAll("article")];
    expect(now).toHaveLength(31);
    expect(now.slice(1)).toEqual(rows);
  });
});

describe("refusals", () => {
  it("put the row back and say so in a sentence", async () => {
    const { client, user } = await renderCenter(many(2));
    client.refusal = new ClientError("forbidden", "no", { status: 403 });
    await user.keyboard("je");
    await settle();
    expect(shown()).toEqual(["Phrase 2", "Phrase 1"]);
    expect(screen.getByText(/^L’archivage n’a pas abouti/)).toBeTruthy();
  });
});

it("has no axe violation, with help, menu and toast", async () => {
  const { user } = await renderCenter();
  await expectAccessible();
  await user.keyboard("je?");
  await expectAccessible();
  await user.click(screen.getAllByRole("button", { name: "Fermer" })[0] as HTMLElement);
  fireEvent.click(screen.getAllByRole("button", { name: "Autres actions" })[0] as HTMLElement);
  await expectAccessible();
});
