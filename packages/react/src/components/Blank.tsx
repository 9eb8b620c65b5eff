import type { ReactNode } from "react";
import type { Blank as BlankText } from "../labels.js";

const FIGURES = {
  rest: "M4.2 17.2c2-1.9 2.6-4 2.6-6.9 0-3.5 2.1-6 5.2-6s5.2 2.5 5.2 6c0 2.9.6 5 2.6 6.9.5.5.2 1.1-.4 1.1H4.6c-.6 0-.9-.6-.4-1.1zM12 4.3V2.6",
  plug: "M9 4v4.5M15 4v4.5M6.5 8.5h11V11a5.5 5.5 0 0 1-11 0zM12 16.5V20",
  chat: "M4 5.5h16v11H10.5L6.5 20v-3.5H4z",
  lock: "M5.5 10.5h13v9h-13zM8.5 10.5V8a3.5 3.5 0 0 1 7 0v2.5",
} as const;

interface Props {
  figure: keyof typeof FIGURES;
  text: BlankText;
  /** An error is told at once. */
  isAlert?: boolean;
  /** At most one button or link. */
  children?: ReactNode;
}

/** A list without rows: a figure, what it is, what to do. */
export function Blank({ figure, text, isAlert, children }: Props) {
  return (
    <div className="carillon-blank" role={isAlert ? "alert" : undefined}>
      <svg className="carillon-blank-figure" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
        <path d={FIGURES[figure]} />
        {figure === "rest" && <circle cx="12" cy="21" r="1.8" fill="currentColor" stroke="none" />}
      </svg>
      <p className="carillon-blank-title" dir="auto">
        {text.title}
      </p>
      <p className="carillon-blank-text">{text.text}</p>
      {children}
    </div>
  );
}
