import { ClientError } from "@carillon/client";
import { act, screen, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { NotificationBell, NotificationCenter } from "../src/index";
import { FakeClient } from "./support/fake_client";
import { notification } from "./support/notifications";
import { expectAccessible, openPanel, renderWith, settle } from "./support/render";

const ACTIONS = [
  { name: "accept", label: "Accepter", style: "primary" },
  { name: "decline", label: "Refuser", style: "danger" },
  { name: "see", label: "Voir la séance", style: "", url: "/seances/3" },
];
const invitation = (number: number, part = {}) => notification(number, { data: { actions: ACTIONS }, ...part });

async function renderCenter(items = [invitation(2), notification(1)], language: "fr" | "en" = "fr") {
  const onNavigate = vi.fn();
  const client = new FakeClient(items);
  const rendered = renderWith(<NotificationCenter />, { client, onNavigate, language });
  await settle();
  return { ...rendered, onNavigate };
}

const button = (name: string) => screen.queryByRole("button", { name });

describe("the buttons of a notification", () => {
  it("are pressed in place: the choice shows at once, stays, and reads the notification", async () => {
    const { client, user } = await renderCenter();
    let release = () => {};
    client.hold = new Promise((resolve) => {
      release = resolve;
    });
    await user.click(button("Accepter") as HTMLElement);
    const chosen = screen.getByText(/^Votre réponse.: Accepter$/);
    expect(chosen.dataset["pending"]).toBe("true");
    expect(button("Accepter")).toBeNull();
    expect(button("Refuser")).toBeNull();
    expect(document.activeElement).toBe(chosen);
    expect(screen.getByRole("link", { name: "Voir la séance" })).toBeTruthy();
    client.pressed = { name: "accept", label: "Accepter", text: "Séance confirmée", at: "2026-11-21T10:00:00Z" };
    await act(async () => release());
    await settle();
    expect(client.named("press")).toEqual([{ id: notification(2).id, action: "accept" }]);
    expect(chosen.textContent).toBe("Séance confirmée");
    expect(chosen.dataset["pending"]).toBeUndefined();
    expect(client.inbox.unread).toBe(1);
    await expectAccessible();
  });

  it("come back with the host's sentence when it refuses, and with ours when nobody knows why", async () => {
    const { client, user } = await renderCenter();
    client.refusal = new ClientError("conflict", "Ce créneau vient d’être pris.", { status: 409 });
    await user.click(button("Accepter") as HTMLElement);
    await settle();
    expect(screen.getByText("Ce créneau vient d’être pris.")).toBeTruthy();
    expect(button("Accepter")).toBeTruthy();
    client.refusal = new ClientError("internal", "Something went wrong.", { status: 500 });
    await user.click(button("Refuser") as HTMLElement);
    await settle();
    expect(screen.getByText(/^Votre réponse n’a pas pu être enregistrée/)).toBeTruthy();
    expect(button("Refuser")).toBeTruthy();
  });

  it("show what was chosen elsewhere, whatever is pressed here, without a word of error", async () => {
    const { client, user } = await renderCenter(undefined, "en");
    client.pressed = { name: "decline", label: "Refuser", text: "", at: "2026-11-21T10:00:00Z" };
    await user.click(button("Accepter") as HTMLElement);
    await settle();
    expect(screen.getByText("You chose: Refuser")).toBeTruthy();
    expect(document.querySelector(".carillon-toast")).toBeNull();
  });

  it("go when the matter is settled elsewhere, and the focus stays in the row", async () => {
    const { client } = await renderCenter();
    act(() => button("Accepter")?.focus());
    act(() => client.settle(notification(2).id, { name: "", label: "", text: "", at: "2026-11-21T10:00:00Z" }));
    await settle();
    expect(document.activeElement?.textContent).toBe("C’est déjà réglé");
  });

  it("are reached by Tab from their row, in the bell too, and stand in the members of a group", async () => {
    const items = [invitation(3, { group_key: "g" }), invitation(2, { group_key: "g" })];
    const { user, client } = renderWith(<NotificationBell />, { client: new FakeClient(items) });
    await settle();
    const panel = await openPanel(user);
    await user.keyboard("j");
    const names: (string | null)[] = [];
    for (let step = 0; step < 4; step += 1) {
      await user.tab();
      names.push(document.activeElement?.textContent ?? null);
    }
    expect(names).toEqual(["Voir les 2", "Accepter", "Refuser", "Voir la séance"]);
    await user.click(within(panel).getByRole("button", { name: "Voir les 2" }));
    expect(within(panel).getAllByRole("button", { name: "Accepter" })).toHaveLength(2);
    await user.click(within(panel).getAllByRole("button", { name: "Accepter" })[1] as HTMLElement);
    await settle();
    expect(client.named("press")).toEqual([{ id: notification(2).id, action: "accept" }]);
    await expectAccessible();
  });

  it("opens a link button where it points, and reads", async () => {
    const { user, client, onNavigate } = await renderCenter();
    await user.click(screen.getByRole("link", { name: "Voir la séance" }));
    await settle();
    expect(onNavigate).toHaveBeenCalledWith("/seances/3", expect.anything());
    expect(client.named("read")).toHaveLength(1);
  });
});
