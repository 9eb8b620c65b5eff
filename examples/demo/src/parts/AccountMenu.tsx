import { Avatar, type Language, useBrowserNotifications, useSound } from "@carillon/react";
import { useId, useState } from "react";
import { client } from "../client";
import { type Theme, useLanguage, useTheme } from "../settings";
import { useSession } from "../useSession";
import { useWords } from "../words";

const LANGUAGES: readonly [Language, string][] = [
  ["fr", "Français"],
  ["en", "English"],
];
const THEMES: readonly Theme[] = ["auto", "light", "dark"];

interface ChoiceProps<Value extends string> {
  label: string;
  options: readonly (readonly [Value, string])[];
  value: Value;
  onChoose: (value: Value) => void;
}

function Choice<Value extends string>({ label, options, value, onChoose }: ChoiceProps<Value>) {
  const name = useId();
  return (
    <fieldset className="choice">
      <legend className="choice-name">{label}</legend>
      <div className="choice-options">
        {options.map(([key, text]) => (
          <label
            key={key}
            className="choice-option"
            lang={label === text ? undefined : key.length === 2 ? key : undefined}
          >
            <input type="radio" name={name} checked={key === value} onChange={() => onChoose(key)} />
            <span>{text}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** Notifications of the browser: what they are is said before they are asked for, and a refusal is respected. */
function BrowserChoice() {
  const words = useWords();
  const id = useId();
  const { permission, isOn, turnOn, turnOff } = useBrowserNotifications();
  if (permission === "unsupported") return null;
  return (
    <>
      <label className="account-row">
        <span>{words.browser}</span>
        <input
          type="checkbox"
          role="switch"
          className="carillon-switch"
          checked={isOn}
          aria-checked={isOn}
          aria-describedby={id}
          disabled={permission === "denied"}
          onChange={() => (isOn ? turnOff() : void turnOn())}
        />
      </label>
      <p id={id} className="account-note quiet">
        {permission === "denied" ? words.browserDenied : words.browserNote}
      </p>
    </>
  );
}

/** Who is signed in, and what they may choose: language, appearance, sound, leaving. */
export function AccountMenu() {
  const words = useWords();
  const id = useId();
  const { person } = useSession();
  const [language, setLanguage] = useLanguage();
  const [theme, setTheme] = useTheme();
  const { isMuted, setMuted } = useSound();
  const [isOpen, setOpen] = useState(false);
  if (!person) return null;

  const chooseLanguage = (chosen: Language) => {
    setLanguage(chosen);
    // New notifications come in this language too; should the server be away, the page at least has switched.
    client.session.updateProfile({ language: chosen }).catch(() => undefined);
  };
  return (
    <>
      <button
        type="button"
        className="top-me"
        popoverTarget={id}
        aria-label={words.account(person.name)}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
      >
        <Avatar person={person} size="small" />
      </button>
      <div
        id={id}
        className="account-menu"
        popover="auto"
        role="dialog"
        aria-label={words.account(person.name)}
        onToggle={(event) => setOpen(event.newState === "open")}
      >
        <div className="account-head">
          <Avatar person={person} />
          <div className="grow">
            <p className="account-name" dir="auto">
              {person.name}
            </p>
            {person.role && <p className="quiet">{person.role}</p>}
          </div>
        </div>
        <Choice label={words.language} options={LANGUAGES} value={language} onChoose={chooseLanguage} />
        <Choice
          label={words.theme}
          options={THEMES.map((key) => [key, words.themes[key]] as const)}
          value={theme}
          onChoose={setTheme}
        />
        <label className="account-row">
          <span>{words.sound}</span>
          <input
            type="checkbox"
            role="switch"
            className="carillon-switch"
            checked={!isMuted}
            aria-checked={!isMuted}
            onChange={(event) => setMuted(!event.currentTarget.checked)}
          />
        </label>
        <BrowserChoice />
        <div className="account-foot">
          <button
            type="button"
            className="carillon-button"
            data-kind="quiet"
            data-wide=""
            onClick={() => void client.session.signOut().catch(() => undefined)}
          >
            {words.signOut}
          </button>
        </div>
      </div>
    </>
  );
}
