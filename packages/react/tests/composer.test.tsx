import { act, screen, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Chat } from "../src/index";
import { ChatClient } from "./support/chat_client";
import { expectAccessible, renderWith, settle } from "./support/render";
import { ALICE, AWA, BRUNO, MAX, saidIn, talkOf } from "./support/talks";

// axe over a page takes seconds on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

beforeEach(() => {
  vi.spyOn(document, "hasFocus").mockReturnValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const field = () => screen.getByRole<HTMLTextAreaElement>("textbox", { name: /^Votre message à/ });
const bubbles = () => [...document.querySelectorAll(".carillon-bubble")].map((one) => one.textContent);

async function open(lines: Parameters<typeof saidIn>[1] = [[AWA, "Bonjour"]]) {
  const client = new ChatClient([
    talkOf(1, { people: [AWA, BRUNO, MAX], messages: saidIn(1, lines) }),
    talkOf(2, { people: [AWA], messages: saidIn(2, [[AWA, "Salut"]]) }),
  ]);
  const rendered = renderWith(<Chat defaultConversation={1} />, { client });
  await settle();
  await settle();
  return { ...rendered, client };
}

it("sends with Enter, breaks with Shift+Enter, and sends no blanks", async () => {
  const { user, client } = await open();
  expect(document.activeElement).toBe(field());
  await user.keyboard("   {Enter}");
  expect(client.written("message.send")).toEqual([]);
  await user.clear(field());
  await user.keyboard("Une{Shift>}{Enter}{/Shift}deux{Enter}");
  await vi.waitFor(() => expect(client.written("message.send")).toHaveLength(1), { timeout: 10_000 });
  expect(client.written("message.send")[0]).toMatchObject({ conversation: 1, content: "Une\ndeux" });
  expect([field().value, document.activeElement]).toEqual(["", field()]);
});

it("tells that one is typing, and that one is not any more", async () => {
  const { user, client } = await open();
  await user.type(field(), "a");
  expect(client.commands).toContainEqual({ name: "typing.set", data: { conversation: 1, is_typing: true } });
  await user.clear(field());
  expect(client.commands).toContainEqual({ name: "typing.set", data: { conversation: 1, is_typing: false } });
});

it("answers a message, with its beginning over the field", async () => {
  const { user, client } = await open([[AWA, "**Qui** vient ?"]]);
  act(() => document.querySelector<HTMLElement>(".carillon-message")?.focus());
  await user.click(screen.getByRole("button", { name: "Répondre (r)" }));
  expect(document.querySelector(".carillon-composer-what")?.textContent).toBe(
    "Réponse à Awa Diallo\u00a0: Qui vient ?",
  );
  await expectAccessible();
  await user.keyboard("Moi{Enter}");
  await vi.waitFor(() => expect(client.written("message.send")[0]).toMatchObject({ reply_to: 1001 }), {
    timeout: 10_000,
  });
  expect(document.querySelector(".carillon-composer-context")).toBeNull();
  expect(bubbles().at(-1)).toBe("Awa DialloQui vient ?Moi");
});

it("edits the last own message by ↑, keeps the draft, and Escape gives it up", async () => {
  const { user, client } = await open([
    [ALICE, "Premier"],
    [ALICE, "Dernier"],
    [AWA, "Oui ?"],
  ]);
  await user.keyboard("{ArrowUp}");
  expect(field().value).toBe("Dernier");
  await user.keyboard(" mot{Escape}");
  expect([field().value, client.written("message.edit")]).toEqual(["", []]);
  await user.keyboard("{ArrowUp}");
  await user.keyboard(" mot{Enter}");
  await vi.waitFor(() => expect(client.written("message.edit")).toHaveLength(1), { timeout: 10_000 });
  expect(client.written("message.edit")[0]).toMatchObject({ message: 1002, content: "Dernier mot" });
  await vi.waitFor(() => expect(bubbles()[1]).toBe("Dernier mot"), { timeout: 10_000 });
});

it("finds people after an @, by keys alone", async () => {
  const { user } = await open();
  await user.type(field(), "Merci @");
  const list = screen.getByRole("listbox", { name: "Mentionner" });
  expect(
    within(list)
      .getAllByRole("option")
      .map((one) => one.textContent),
  ).toEqual([
    "Awa Diallo",
    "Bruno Kouassi",
    "Maximilienne de La Rochefoucauld-Montbel",
    "Tout le mondeprévient tous les membres",
  ]);
  await expectAccessible();
  await user.keyboard("roche{Enter}");
  expect(field().value).toBe("Merci @Maximilienne de La Rochefoucauld-Montbel ");
  expect(screen.queryByRole("listbox")).toBeNull();
  await user.keyboard("et @b{Escape}");
  expect(screen.queryByRole("listbox")).toBeNull();
  expect(field().value.endsWith("et @b")).toBe(true);
});

it("keeps a draft for each conversation, and shows it in the list", async () => {
  const { user } = await open();
  await user.type(field(), "À finir");
  const row = (name: RegExp) => screen.getByRole("button", { name });
  await user.click(row(/^Awa Diallo/));
  await settle();
  expect(field().value).toBe("");
  expect(within(row(/^Équipe façade/)).getByText("Brouillon")).toBeTruthy();
  expect(row(/^Équipe façade/).textContent).toContain("À finir");
  await user.click(row(/^Équipe façade/));
  await settle();
  expect(field().value).toBe("À finir");
});

it("finds an emoji by a word in either language, and puts it where the caret is", async () => {
  const { user } = await open();
  await user.type(field(), "Bravo ");
  await user.click(screen.getByRole("button", { name: "Insérer un emoji" }));
  const search = await screen.findByRole("searchbox", { name: "Chercher un emoji" }, { timeout: 10_000 });
  await expectAccessible();
  await user.type(search, "fete");
  await user.keyboard("{Enter}");
  expect(field().value).toMatch(/^Bravo \p{Extended_Pictographic}$/u);
  expect(document.activeElement).toBe(field());
});

it("says how much is too much, and does not send it", async () => {
  const { user, client } = await open();
  await user.click(field());
  await user.paste("a".repeat(8003));
  expect(screen.getByText(/^3\s+caractères de trop$/)).toBeTruthy();
  await user.keyboard("{Enter}");
  expect(client.written("message.send")).toEqual([]);
  await expectAccessible();
});

it("has no field for whom one blocks, and a way out", async () => {
  const { user, client } = await open();
  act(() => client.touch(2, { blocks: true }));
  client.talk(2).mine.blocks = true;
  await user.click(screen.getByRole("button", { name: /^Awa Diallo/ }));
  await settle();
  expect(screen.queryByRole("textbox", { name: /^Votre message/ })).toBeNull();
  await expectAccessible();
  await user.click(screen.getByRole("button", { name: "Débloquer Awa Diallo" }));
  await vi.waitFor(() => expect(client.written("person.unblock")).toEqual([{ person: AWA.id }]), { timeout: 10_000 });
});

it("has no field where the other has no account any more", async () => {
  const { user, client } = await open();
  const { conversation } = client.talk(2);
  client.talk(2).conversation = { ...conversation, member_count: 1 };
  client.talk(2).members = client.talk(2).members.filter(({ person }) => person.id !== AWA.id);
  act(() => client.touch(2, {}));
  await user.click(await screen.findByRole("button", { name: /^Compte supprimé/ }));
  await settle();
  expect(screen.getByRole("heading", { name: /^Compte supprimé/ })).toBeTruthy();
  expect(screen.getByText(/n’a plus de compte\s: vous ne pouvez plus lui écrire\.$/)).toBeTruthy();
  expect(screen.queryByRole("textbox", { name: /^Votre message/ })).toBeNull();
  await expectAccessible();
});

it("deletes with six seconds to take it back", async () => {
  const { user, client } = await open([[ALICE, "Oups"]]);
  await user.click(screen.getByRole("button", { name: "Actions sur le message" }));
  await user.click(screen.getByRole("menuitem", { name: "Supprimer" }));
  expect(bubbles()).toEqual(["Message supprimé"]);
  await user.click(screen.getByRole("button", { name: "Annuler" }));
  await settle();
  expect(bubbles()).toEqual(["Oups"]);
  expect(client.written("message.delete")).toEqual([]);
});
