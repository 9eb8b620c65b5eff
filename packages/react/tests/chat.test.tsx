import { ClientError } from "@carillon/client";
import { act, fireEvent, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { StrictMode } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CarillonProvider, Chat } from "../src/index";
import { ChatClient } from "./support/chat_client";
import { expectAccessible, renderWith, settle } from "./support/render";
import { ALICE, AWA, BRUNO, MAX, manySaid, saidIn, talkOf } from "./support/talks";

// axe over a page takes seconds on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

beforeEach(() => {
  vi.spyOn(document, "hasFocus").mockReturnValue(true);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const group = (lines: Parameters<typeof saidIn>[1], options: Parameters<typeof talkOf>[1] = {}) =>
  new ChatClient([talkOf(1, { people: [AWA, BRUNO, MAX], messages: saidIn(1, lines), ...options })]);

async function open(client: ChatClient, id: number | null = 1) {
  const rendered = renderWith(<Chat defaultConversation={id} />, { client });
  await settle();
  await settle();
  return rendered;
}

const field = () => screen.getByRole<HTMLTextAreaElement>("textbox", { name: /^Votre message à/ });
const bubbles = () => [...document.querySelectorAll(".carillon-bubble")].map((one) => one.textContent);
const rows = () => [...document.querySelectorAll<HTMLElement>(".carillon-message")];
const last = () => rows().at(-1) as HTMLElement;

describe("the thread", () => {
  it("shows who said what, in groups, with the author told before each", async () => {
    await open(
      group([
        [AWA, "Bonjour"],
        [AWA, "Le plan est prêt."],
        [ALICE, "Merci !"],
      ]),
    );
    expect(bubbles()).toEqual(["Bonjour", "Le plan est prêt.", "Merci !"]);
    expect(document.querySelectorAll(".carillon-message-name")).toHaveLength(1);
    expect(rows()[1]?.querySelector(".carillon-visually-hidden")?.textContent).toMatch(/^Awa, \d\d:\d\d$/);
    expect(screen.getByText("Aujourd’hui")).toBeTruthy();
    expect(screen.getByRole("log", { name: "Fil de la conversation" })).toBeTruthy();
    await expectAccessible();
  });

  it("draws Markdown as elements, and lets nothing through that is not", async () => {
    await open(
      group([
        [AWA, "**gras** et `code`, voir https://exemple.fr/plan"],
        [AWA, '<img src=x onerror="alert(1)"> [ici](javascript:alert(2))'],
      ]),
    );
    expect(screen.getByText("gras").tagName).toBe("STRONG");
    expect(screen.getByText("code").tagName).toBe("CODE");
    const link = screen.getByRole("link", { name: "https://exemple.fr/plan" });
    expect([link.getAttribute("href"), link.getAttribute("rel")]).toEqual([
      "https://exemple.fr/plan",
      "noopener noreferrer nofollow ugc",
    ]);
    expect(document.querySelector(".carillon-bubble img")).toBeNull();
    expect([...document.querySelectorAll("a")].some((one) => /script/.test(one.href))).toBe(false);
  });

  it("sets apart what is deleted, edited, and what happened", async () => {
    const system = { type: "member_added", actor: MAX, people: [BRUNO], title: "" } as const;
    await open(
      group([
        [AWA, "", { deleted_at: new Date().toISOString() }],
        [ALICE, "Corrigé", { edited_at: new Date().toISOString() }],
        [MAX, "", { kind: "system", system: { ...system, people: [BRUNO] } }],
      ]),
    );
    expect(rows()[0]?.dataset["state"]).toBe("deleted");
    expect(bubbles()[0]).toBe("Message supprimé");
    expect(screen.getByText("modifié")).toBeTruthy();
    expect(document.querySelector(".carillon-system")?.textContent).toMatch(
      /^Maximilienne de La Rochefoucauld-Montbel a ajouté Bruno Kouassi à \d\d:\d\d$/,
    );
    await expectAccessible();
  });

  it("divides what is new, reads it once it is seen, and keeps the divider", async () => {
    const client = group(
      [
        [AWA, "Ancien"],
        [AWA, "Neuf"],
        [BRUNO, "Tout neuf"],
      ],
      { mine: { read_up_to: 1 } },
    );
    await open(client);
    const keys = [...document.querySelectorAll<HTMLElement>("ol > li")].map((one) => one.dataset["key"]);
    expect(keys.indexOf("new")).toBe(2);
    await vi.waitFor(() => expect(client.written("conversation.read")).toEqual([{ conversation: 1, up_to: 3 }]), {
      timeout: 10_000,
    });
    expect(document.querySelector(".carillon-day[data-new]")?.textContent).toBe("2\u00a0nouveaux messages");
  });

  it("reads nothing while nobody looks", async () => {
    vi.mocked(document.hasFocus).mockReturnValue(false);
    const client = group([[AWA, "Neuf"]], { mine: { read_up_to: 0 } });
    await open(client);
    expect(client.commands.some(({ name }) => name === "conversation.look")).toBe(false);
    vi.mocked(document.hasFocus).mockReturnValue(true);
    act(() => void dispatchEvent(new Event("focus")));
    await vi.waitFor(() => expect(client.written("conversation.read")).toHaveLength(1), { timeout: 10_000 });
    expect(client.commands).toContainEqual({ name: "conversation.look", data: { conversation: 1 } });
  });

  it("shows receipts as faces, in words too, and never that of the author", async () => {
    const client = group([[ALICE, "Fini ?"]], { readUpTo: 0 });
    await open(client);
    act(() => client.reads(1, AWA, 1));
    expect(within(last()).getByText("Lu par Awa Diallo")).toBeTruthy();
    act(() => client.reads(1, BRUNO, 1));
    expect(within(last()).getByText("Lu par Awa Diallo et Bruno Kouassi")).toBeTruthy();
  });

  it("tells what comes once, and who is typing without moving anything", async () => {
    const client = group([[AWA, "Bonjour"]]);
    await open(client);
    act(() => client.types(1, BRUNO));
    expect(document.querySelector(".carillon-typing [aria-live]")?.textContent).toBe("Bruno écrit…");
    act(() => client.types(1, AWA));
    expect(document.querySelector(".carillon-typing-text")?.textContent).toMatch(
      /^(Bruno et Awa|Awa et Bruno) écrivent…$/,
    );
    act(() => void client.say(1, BRUNO, "Me voilà"));
    expect(document.querySelector(".carillon-thread-box > p[aria-live]")?.textContent).toBe("Bruno\u00a0: Me voilà");
    await expectAccessible();
  });

  it("tells reactions with their names, and adds or takes back one’s own", async () => {
    const client = group([[AWA, "Prêt", { reactions: [{ emoji: "👍", count: 2, people: [BRUNO.id, MAX.id] }] }]]);
    const { user } = await open(client);
    const name = "👍\u00a02\u00a0: Bruno Kouassi et Maximilienne de La Rochefoucauld-Montbel";
    const button = screen.getByRole("button", { name });
    expect([button.getAttribute("aria-pressed"), button.title]).toEqual(["false", name]);
    await user.click(button);
    await settle();
    expect(client.written("message.react")).toEqual([{ conversation: 1, message: 1001, emoji: "👍", on: true }]);
  });
});

describe("the states of a thread", () => {
  it("empty: says so, and that one may begin", async () => {
    await open(group([]));
    expect(screen.getByText("Rien encore ici")).toBeTruthy();
    expect(field()).toBeTruthy();
    await expectAccessible();
  });

  it("loading: shapes that are not read out, and one word that is", async () => {
    const client = group([[AWA, "Bonjour"]]);
    client.stuck = "/conversations/1/";
    await open(client);
    expect(screen.getByText("Chargement des messages").getAttribute("role")).toBe("status");
    await expectAccessible();
  });

  it("failed: what happened, what to do; and trying again works", async () => {
    const client = group([[AWA, "Bonjour"]]);
    client.broken.set("/messages/", new ClientError("network", "gone"));
    const { user } = await open(client);
    expect(screen.getByRole("alert").textContent).toContain("Cette conversation n’a pas pu être chargée");
    await expectAccessible();
    client.broken.clear();
    await user.click(screen.getByRole("button", { name: "Réessayer" }));
    await settle();
    expect(bubbles()).toEqual(["Bonjour"]);
  });

  it("not ours: says so, and the way back", async () => {
    const client = group([[AWA, "Bonjour"]]);
    const { user } = await open(client, 7);
    expect(screen.getByRole("alert").textContent).toContain("ne vous est pas ouverte");
    await expectAccessible();
    await user.click(screen.getAllByRole("button", { name: "Retour aux conversations" }).at(-1) as HTMLElement);
    expect(screen.getByText("Choisissez une conversation")).toBeTruthy();
  });

  it("offline: what is written waits, says so, and goes by itself", async () => {
    const client = group([[AWA, "Bonjour"]]);
    let release = () => {};
    client.hold = new Promise((resolve) => {
      release = resolve;
    });
    const { user } = await open(client);
    await user.type(field(), "J’arrive{Enter}");
    expect(bubbles().at(-1)).toBe("J’arrive");
    release();
    client.hold = null;
    await settle();
    await vi.waitFor(() => expect(last().dataset["state"]).toBeUndefined(), { timeout: 10_000 });
    expect(bubbles()).toEqual(["Bonjour", "J’arrive"]);
  });

  it("refused: the words stay with a sentence, a retry and a way to take them back", async () => {
    const client = group([[AWA, "Bonjour"]]);
    const { user } = await open(client);
    client.refusal = new ClientError("forbidden", "You cannot write to this person.", { status: 403 });
    await user.type(field(), "Pourquoi ?{Enter}");
    await vi.waitFor(() => expect(last().dataset["state"]).toBe("failed"), { timeout: 10_000 });
    expect(within(last()).getByRole("alert").textContent).toContain("Non envoyé. Vous ne pouvez pas écrire ici.");
    await expectAccessible();
    await user.click(within(last()).getByRole("button", { name: "Retirer" }));
    expect(bubbles()).toEqual(["Bonjour"]);
    expect(field().value).toBe("Pourquoi ?");
  });

  it("of 5,000 messages draws those near the view, and pages as one reads", async () => {
    const client = new ChatClient([talkOf(1, { people: [AWA, BRUNO], messages: manySaid(1, 5000) })]);
    await open(client);
    const pages = () => client.asked.filter((path) => path.endsWith("messages/")).length;
    expect(pages()).toBe(1);
    // As if the view had a height: its top is then where the loaded ones begin.
    const height = vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(600);
    fireEvent.scroll(screen.getByRole("log"));
    height.mockRestore();
    await settle();
    expect(pages()).toBe(2);
    expect(bubbles().at(-1)).toBe("Message 5000");
    expect(rows().length).toBeLessThan(100);
  });
});

describe("the whole", () => {
  it("works under Strict Mode, and leaves no follower behind", async () => {
    const client = group([[AWA, "Bonjour"]]);
    const user = userEvent.setup();
    const { unmount } = render(
      <StrictMode>
        <CarillonProvider client={client} language="fr" sound={false}>
          <Chat defaultConversation={1} />
        </CarillonProvider>
      </StrictMode>,
    );
    await settle();
    await settle();
    await user.type(field(), "Une fois{Enter}");
    await vi.waitFor(() => expect(client.written("message.send")).toHaveLength(1), { timeout: 10_000 });
    expect(bubbles()).toEqual(["Bonjour", "Une fois"]);
    unmount();
    expect(client.calls.start).toBe(client.calls.stop);
  });

  it("speaks English, and in the host’s own words", async () => {
    const client = group([]);
    renderWith(<Chat defaultConversation={1} />, { client, language: "en", labels: { send: "Go" } });
    await settle();
    await settle();
    expect(screen.getByText("Nothing here yet")).toBeTruthy();
    expect(screen.getByRole("button", { name: "Go" })).toBeTruthy();
  });

  it("moves by keys: up from the field, r answers, Escape leaves", async () => {
    const onConversation = vi.fn();
    const client = group([
      [AWA, "Un"],
      [BRUNO, "Deux"],
    ]);
    const { user } = renderWith(<Chat defaultConversation={1} onConversation={onConversation} />, { client });
    await settle();
    await settle();
    screen.getByRole("log").focus();
    await user.keyboard("{ArrowUp}");
    expect(document.activeElement).toBe(rows()[1]);
    await user.keyboard("k");
    expect(document.activeElement).toBe(rows()[0]);
    await user.keyboard("r");
    expect(document.activeElement).toBe(field());
    expect(document.querySelector(".carillon-composer-context")?.textContent).toContain(
      "Réponse à Awa Diallo\u00a0: Un",
    );
    await user.keyboard("{Escape}");
    expect(document.querySelector(".carillon-composer-context")).toBeNull();
    await user.keyboard("{Escape}");
    expect(onConversation).toHaveBeenLastCalledWith(null);
    expect(document.activeElement?.className).toBe("carillon-chat-row");
  });

  it("lists its keys", async () => {
    const { user } = await open(group([[AWA, "Un"]]));
    screen.getByRole("log").focus();
    await user.keyboard("{ArrowUp}?");
    const dialog = screen.getByRole("dialog", { name: "Raccourcis clavier" });
    expect(dialog.textContent).toContain("Modifier votre dernier message");
    await user.click(within(dialog).getByRole("switch", { name: "Entrée envoie le message" }));
    fireEvent(dialog, new Event("close"));
    await user.type(field(), "Une{Enter}deux");
    expect(field().value).toBe("Une\ndeux");
    await user.click(within(dialog).getByRole("switch", { name: "Entrée envoie le message", hidden: true }));
  });
});
