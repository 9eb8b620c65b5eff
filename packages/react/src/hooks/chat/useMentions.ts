import type { Person } from "@carillon/client";
import { useMemo, useState } from "react";
import { type MentionChoice, mentionChoices, openMention } from "../../chat/mentions.js";

interface Options {
  text: string;
  caret: number;
  people: readonly Person[];
  /** What all are called after an @; null where nobody may call them. */
  everybody: string | null;
  onChoose: (choice: MentionChoice) => void;
}

export interface Mentions {
  readonly choices: readonly MentionChoice[];
  readonly current: number;
  readonly choose: (choice: MentionChoice) => void;
  readonly point: (index: number) => void;
  /** True when the key was for the list. */
  readonly press: (key: string) => boolean;
}

const NOBODY: readonly MentionChoice[] = [];

/** The list over the composer while an @ is being written; arrows move, Enter and Tab choose, Escape puts it away. */
export function useMentions({ text, caret, people, everybody, onChoose }: Options): Mentions {
  const [at, setAt] = useState(0);
  const [dismissed, dismiss] = useState(-1);
  const open = openMention(text, caret);
  const from = open?.from ?? -1;
  const words = open?.words ?? "";
  const choices = useMemo(
    () => (from < 0 || from === dismissed ? NOBODY : mentionChoices(words, people, everybody)),
    [from, dismissed, words, people, everybody],
  );
  const current = Math.min(at, choices.length - 1);

  const choose = (choice: MentionChoice) => {
    setAt(0);
    onChoose(choice);
  };
  const press = (key: string): boolean => {
    const choice = choices[current];
    if (!choice) return false;
    if (key === "Escape") dismiss(from);
    else if (key === "Enter" || key === "Tab") choose(choice);
    else if (key === "ArrowDown") setAt((current + 1) % choices.length);
    else if (key === "ArrowUp") setAt((current - 1 + choices.length) % choices.length);
    else return false;
    return true;
  };
  return { choices, current, choose, point: setAt, press };
}
