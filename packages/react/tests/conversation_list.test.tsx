import { ClientError } from "@carillon/client";
import { act, screen, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Chat, type ChatProps } from "../src/index";
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

const rows = () => [...document.querySelectorAll<HTMLElement>(".carillon-chat-row[data-id]")];
const names = () => rows().map((row) => row.querySelector(".carillon-chat-row-name")?.textContent);
const ago = (hours: number) => ({ created_at: new Date(Date.now() - hours * 3_600_000).toISOString() });

function some(): ChatClient {
  return new ChatClient([
    talkOf(1, {
      people: [AWA, BRUNO],
      messages: saidIn(1, [[AWA, "Le **plan**", ago(1)]]),
      mine: { read_up_to: 0, is_mentioned: true },
    }),
    talkOf(2, { people: [AWA], messages: saidIn(2, [[ALICE, "Merci", ago(2)]]) }),
    talkOf(3, {
      people: [MAX],
      messages: saidIn(3, [[MAX, "Oui", ago(3)]]),
      mine: { muted_until: "9999-12-31T00:00:00Z" },
    }),
  ]);
}

async function open(client: ChatClient, props: ChatProps = {}) {
  const rendered = renderWith(<Chat {...props} />, { client });
  await settle();
  return rendered;
}

it("tells who, what was said last, how many are unread, muted and present", async () => {
  const client = some();
  client.presences = [{ id: AWA.id, state: "online", last_seen: null, username: "" }];
  await open(client);
  expect(names()).toEqual(["Équipe façade", "Awa Diallo", MAX.name]);
  const [first, second, third] = rows();
  expect(first?.textContent).toContain("Awa\u00a0: Le plan");
  expect(first?.textContent).toContain("1\u00a0message non lu, on vous y mentionne");
  expect(second?.textContent).toContain("Vous\u00a0: Merci");
  expect(third?.textContent).toContain("en sourdine");
  await vi.waitFor(() => expect(within(second as HTMLElement).getByText("en ligne")).toBeTruthy(), { timeout: 10_000 });
  await expectAccessible();
});

it("stays in order while messages come", async () => {
  const client = some();
  await open(client);
  act(() => void client.say(3, MAX, "Et encore"));
  expect(names()).toEqual([MAX.name, "Équipe façade", "Awa Diallo"]);
  expect(rows()[0]?.textContent).toContain("Et encore");
});

it("links to each conversation where the host has addresses, and opens without loading a page", async () => {
  const onConversation = vi.fn();
  const { user } = await open(some(), { conversation: null, onConversation, hrefOf: (id) => `/messages/${id}` });
  const link = screen.getByRole<HTMLAnchorElement>("link", { name: /Awa Diallo.*Merci/ });
  expect(link.getAttribute("href")).toBe("/messages/2");
  await user.click(link);
  expect(onConversation).toHaveBeenCalledWith(2);
});

it("marks the one that is open, and moves by arrows out of the search field", async () => {
  const { user } = await open(some(), { defaultConversation: 2 });
  expect(rows().map((row) => row.getAttribute("aria-current"))).toEqual([null, "page", null]);
  await user.click(screen.getByRole("searchbox", { name: "Rechercher dans les conversations" }));
  await user.keyboard("{ArrowDown}{ArrowDown}");
  expect(document.activeElement).toBe(rows()[1]);
});

it("searches, and says when nothing is found", async () => {
  const { user } = await open(some());
  const field = screen.getByRole("searchbox", { name: "Rechercher dans les conversations" });
  await user.type(field, "roche");
  await vi.waitFor(() => expect(names()).toEqual([MAX.name]), { timeout: 10_000 });
  await user.clear(field);
  await user.type(field, "zzz");
  expect(await screen.findByText(/^Aucun résultat pour/, {}, { timeout: 10_000 })).toBeTruthy();
  await expectAccessible();
});

it("empty, loading, failed and forbidden each say what to do", async () => {
  const empty = await open(new ChatClient());
  expect(screen.getByText("Aucune conversation")).toBeTruthy();
  await expectAccessible();
  empty.unmount();

  const stuck = some();
  stuck.stuck = "/conversations/";
  const loading = await open(stuck);
  expect(screen.getByText("Chargement des conversations").getAttribute("role")).toBe("status");
  await expectAccessible();
  loading.unmount();

  const broken = some();
  broken.broken.set("/conversations/", new ClientError("network", "gone"));
  const failed = await open(broken);
  expect(screen.getByRole("alert").textContent).toContain("n’ont pas pu être chargées");
  await expectAccessible();
  broken.broken.clear();
  await failed.user.click(screen.getByRole("button", { name: "Réessayer" }));
  await settle();
  expect(names()).toHaveLength(3);
  failed.unmount();

  const closed = some();
  closed.broken.set("/conversations/", new ClientError("forbidden", "no", { status: 403 }));
  await open(closed);
  expect(screen.getByRole("alert").textContent).toContain("ne vous sont pas ouvertes");
});

it("begins a group by keys: choose, choose, name it", async () => {
  const client = some();
  const { user } = await open(client);
  await user.click(screen.getByRole("button", { name: "Nouvelle conversation" }));
  const dialog = screen.getByRole("dialog", { name: "Nouvelle conversation" });
  const field = within(dialog).getByRole("combobox", { name: "Chercher une personne" });
  expect(document.activeElement).toBe(field);
  await within(dialog).findByRole("option", { name: /Bruno/ }, { timeout: 10_000 });
  await expectAccessible();
  await user.keyboard("{Enter}");
  expect(within(dialog).getByRole("button", { name: "Écrire à Awa" })).toBeTruthy();
  await user.keyboard("{ArrowDown}{ArrowDown}{Enter}");
  await user.type(within(dialog).getByRole("textbox", { name: "Nom de la conversation" }), "Façade");
  await user.click(within(dialog).getByRole("button", { name: "Créer la conversation" }));
  await settle();
  expect(client.written("conversation.create")).toEqual([
    { kind: "group", people: [AWA.id, BRUNO.id], title: "Façade" },
  ]);
});

it("offers in the menu what the conversation allows, and mutes with a way back", async () => {
  const client = some();
  const { user } = await open(client, { defaultConversation: 1 });
  await settle();
  await user.click(screen.getByRole("button", { name: "Options de la conversation" }));
  const items = screen.getAllByRole("menuitem").map((one) => one.textContent);
  expect(items).toEqual([
    "Mettre en sourdine",
    "Voir les membres",
    "Ajouter des personnes",
    "Renommer",
    "Quitter la conversation",
    "Raccourcis",
  ]);
  await user.click(screen.getByRole("menuitem", { name: "Mettre en sourdine" }));
  await user.click(screen.getByRole("menuitem", { name: "Jusqu’à nouvel ordre" }));
  await settle();
  expect(client.written("conversation.mute")).toEqual([{ conversation: 1, until: "9999-12-31T00:00:00Z" }]);
  expect(screen.getByText("En sourdine jusqu’à nouvel ordre")).toBeTruthy();
});

it("lists the members, those who are here first", async () => {
  const client = some();
  client.presences = [{ id: BRUNO.id, state: "online", last_seen: null, username: "" }];
  const { user } = await open(client, { defaultConversation: 1 });
  await vi.waitFor(
    () => expect(screen.getByText("3\u00a0membres, 1\u00a0en ligne", { normalizer: String })).toBeTruthy(),
    {
      timeout: 10_000,
    },
  );
  await user.click(screen.getByTitle("Voir les membres"));
  const dialog = screen.getByRole("dialog", { name: /membres/ });
  expect(within(dialog).getAllByRole("listitem")[0]?.textContent).toContain("Bruno Kouassi");
  await expectAccessible();
  await user.click(within(dialog).getByRole("button", { name: "Actions pour Bruno Kouassi" }));
  await user.click(screen.getByRole("menuitem", { name: "Nommer co-responsable" }));
  await settle();
  expect(client.written("member.set_role")).toEqual([{ conversation: 1, person: BRUNO.id, role: "admin" }]);
});
