import { act, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { useBrowserNotifications } from "../src/index";
import { FakeClient } from "./support/fake_client";
import { notification } from "./support/notifications";
import { renderWith, settle } from "./support/render";

class FakeNotification {
  static permission: NotificationPermission = "default";
  static answer: NotificationPermission = "granted";
  static asked = 0;
  static shown: FakeNotification[] = [];
  static requestPermission() {
    FakeNotification.asked += 1;
    FakeNotification.permission = FakeNotification.answer;
    return Promise.resolve(FakeNotification.answer);
  }
  onclick: (() => void) | null = null;
  isClosed = false;
  readonly title: string;
  readonly options: NotificationOptions;
  constructor(title: string, options: NotificationOptions) {
    this.title = title;
    this.options = options;
    FakeNotification.shown.push(this);
  }
  close() {
    this.isClosed = true;
  }
}

function Switch() {
  const { permission, isOn, turnOn, turnOff } = useBrowserNotifications();
  return (
    <button type="button" onClick={() => (isOn ? turnOff() : void turnOn())}>
      {permission} {isOn ? "on" : "off"}
    </button>
  );
}

const hide = (isHidden: boolean) => vi.spyOn(document, "hidden", "get").mockReturnValue(isHidden);
const button = () => screen.getByRole("button");

beforeEach(() => {
  Object.assign(FakeNotification, { permission: "default", answer: "granted", asked: 0, shown: [] });
  vi.stubGlobal("Notification", FakeNotification);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe("browser notifications covers(003-14)", () => {
  it("asks on a click only, shows what arrives while the page is hidden, and a click reads and opens it", async () => {
    const client = new FakeClient();
    const onNavigate = vi.fn();
    const { user } = renderWith(<Switch />, { client, onNavigate });
    await settle();
    expect(FakeNotification.asked).toBe(0);
    await user.click(button());
    await settle();
    expect(button().textContent).toBe("granted on");

    hide(false);
    act(() => client.arrive(notification(21, { title: "En vue" })));
    expect(FakeNotification.shown).toEqual([]);
    hide(true);
    act(() => client.arrive(notification(22, { title: "Cachée", message: "Deux mots", url: "/la" })));
    const [shown] = FakeNotification.shown;
    expect(shown).toMatchObject({ title: "Cachée", options: { body: "Deux mots", lang: "fr" } });
    vi.spyOn(window, "focus").mockImplementation(() => undefined);
    act(() => shown?.onclick?.());
    expect(shown?.isClosed).toBe(true);
    expect(onNavigate).toHaveBeenCalledWith("/la", expect.anything());

    await user.click(button());
    act(() => client.arrive(notification(23, { title: "Plus rien" })));
    expect(FakeNotification.shown).toHaveLength(1);
  });

  it("respects a refusal", async () => {
    FakeNotification.answer = "denied";
    const { user } = renderWith(<Switch />);
    await user.click(button());
    await settle();
    expect(button().textContent).toBe("denied off");
  });

  it("says where browsers have none", async () => {
    vi.unstubAllGlobals();
    const { user } = renderWith(<Switch />);
    await user.click(button());
    await settle();
    expect(FakeNotification.asked).toBe(0);
    expect(button().textContent).toContain("off");
  });
});
