import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { StrictMode } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import ChatFile from "../src/compat/components/Chat";
import { Chat } from "../src/compat/index";
import { CarillonProvider } from "../src/index";
import { ChatClient } from "./support/chat_client";
import { expectAccessible, settle } from "./support/render";
import { AWA, BRUNO, saidIn, talkOf } from "./support/talks";

// axe over a page takes seconds on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

beforeEach(() => {
  vi.spyOn(document, "hasFocus").mockReturnValue(true);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const twoTalks = () =>
  new ChatClient([
    talkOf(1, { people: [AWA], messages: saidIn(1, [[AWA, "Bonjour"]]) }),
    talkOf(2, { people: [BRUNO], messages: saidIn(2, [[BRUNO, "Salut"]]) }),
  ]);

async function show(ui: React.ReactElement, client: ChatClient) {
  render(
    <StrictMode>
      <CarillonProvider client={client} language="fr" sound={false}>
        {ui}
      </CarillonProvider>
    </StrictMode>,
  );
  await settle();
  await settle();
}

const bubbles = () => [...document.querySelectorAll(".carillon-bubble")].map((one) => one.textContent);

describe("Chat of source 000 covers(000-33, 000-34)", () => {
  it("shows a room by its id alone, sends and receives live", async () => {
    const client = twoTalks();
    await show(<Chat roomId="2" />, client);
    expect(document.querySelector(".carillon-chat-list")).toBeNull();
    expect(bubbles()).toEqual(["Salut"]);
    await userEvent.type(screen.getByRole("textbox", { name: "Votre message à Bruno Kouassi" }), "Oui ?{Enter}");
    await vi.waitFor(() => expect(client.written("message.send")).toHaveLength(1), { timeout: 10_000 });
    act(() => void client.say(2, BRUNO, "Rien"));
    expect(bubbles()).toEqual(["Salut", "Oui ?", "Rien"]);
    await expectAccessible();
  });

  it("lists all conversations without an id", async () => {
    await show(<ChatFile />, twoTalks());
    expect(document.querySelectorAll(".carillon-chat-row[data-id]")).toHaveLength(2);
  });

  it("asks once, and never again while time goes by", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const client = twoTalks();
    await show(<Chat conversationId={1} />, client);
    const before = [...client.asked];
    expect(new Set(before).size).toBe(before.length);
    await act(() => vi.advanceTimersByTimeAsync(60_000));
    act(() => void client.say(1, AWA, "Toujours là ?"));
    expect(client.asked).toEqual(before);
    expect(bubbles().at(-1)).toBe("Toujours là ?");
  });

  it("says so where an id is none", async () => {
    await show(<Chat roomId="abc" />, twoTalks());
    expect(screen.getByRole("alert").textContent).toContain("ne vous est pas ouverte");
  });
});
