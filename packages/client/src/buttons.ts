/** The buttons of a notification, as its `data` carries them: links, commands, and what was pressed. */
import type { Notification } from "./protocol.js";

export interface NotificationButton {
  /** Empty for a link that a host wrote into `data` by hand. */
  readonly name: string;
  readonly label: string;
  readonly style: "" | "primary" | "danger";
  /** Null for a command. It is not checked here: whoever links to it does. */
  readonly url: string | null;
}

export interface PressedButton {
  /** Empty when the matter was settled otherwise. */
  readonly name: string;
  readonly label: string;
  /** What to say instead of the buttons; empty when the label has to do. */
  readonly text: string;
  /** ISO; null until the server has said that it was done. */
  readonly at: string | null;
}

const text = (value: unknown) => (typeof value === "string" ? value : "");

/** The buttons that can be pressed now; those of a settled notification are gone, but for its links. */
export function buttonsOf({ data }: Pick<Notification, "data">): NotificationButton[] {
  const isSettled = data.pressed !== undefined;
  const actions: unknown = data.actions;
  if (!Array.isArray(actions)) return [];
  return actions.flatMap((action: unknown) => {
    const { name, label, style, url } = (action ?? {}) as Record<string, unknown>;
    const isLink = text(url) !== "";
    if (!text(label) || !(isLink || (text(name) && !isSettled))) return [];
    const kind = style === "primary" || style === "danger" ? style : "";
    return [{ name: text(name), label: text(label), style: kind, url: isLink ? text(url) : null }];
  });
}

/** How the matter was settled; null while it is open. */
export function pressedOf({ data }: Pick<Notification, "data">): PressedButton | null {
  if (typeof data.pressed !== "object" || data.pressed === null) return null;
  const pressed = data.pressed as Record<string, unknown>;
  return {
    name: text(pressed.name),
    label: text(pressed.label),
    text: text(pressed.text),
    at: text(pressed.at) || null,
  };
}
