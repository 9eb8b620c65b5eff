import { type Notification, pressedOf } from "@carillon/client";
import { useLayoutEffect, useRef } from "react";
import { useLabels } from "../context.js";
import { type Answer, answersOf } from "../urls.js";
import { Icon } from "./Icon.js";
import type { RowHandlers } from "./NotificationRow.js";

interface Props {
  notification: Notification;
  handlers: RowHandlers;
}

function kindOf({ style }: Answer, index: number, { is_read }: Notification, isStyled: boolean): string {
  if (isStyled) return style || "outline";
  return index === 0 && !is_read ? "primary" : "outline";
}

/** The buttons of a notification, pressed in place; then what was chosen, here or elsewhere. */
export function RowAnswers({ notification, handlers }: Props) {
  const labels = useLabels();
  const chosen = useRef<HTMLParagraphElement>(null);
  const hadFocus = useRef(false);
  const answers = answersOf(notification);
  const pressed = pressedOf(notification);
  const isSettled = pressed !== null;
  useLayoutEffect(() => {
    // The button that had the focus is gone.
    if (isSettled && hadFocus.current) chosen.current?.focus({ preventScroll: true });
    hadFocus.current = false;
  }, [isSettled]);
  if (answers.length === 0 && !pressed) return null;
  const isStyled = answers.some(({ style }) => style);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only remembers where the focus was
    <div
      className="carillon-row-answers"
      onFocus={() => {
        hadFocus.current = true;
      }}
      onBlur={(event) => {
        // A button that goes away blurs too; the focus then goes nowhere.
        hadFocus.current = event.relatedTarget === null && document.hasFocus();
      }}
    >
      {pressed && (
        <p
          ref={chosen}
          className="carillon-row-chosen"
          data-pending={pressed.at === null || undefined}
          aria-live="polite"
          tabIndex={-1}
          dir="auto"
        >
          <Icon name={pressed.at === null ? "more" : "check"} />
          {pressed.text || (pressed.label ? labels.chosen(pressed.label) : labels.settled)}
        </p>
      )}
      {answers.map((answer, index) => {
        const { name, label, url } = answer;
        const look = {
          className: "carillon-button",
          "data-kind": kindOf(answer, index, notification, isStyled),
          "data-size": "small",
          dir: "auto" as const,
        };
        return url === null ? (
          <button key={name} type="button" {...look} onClick={() => handlers.press(notification, name)}>
            {label}
          </button>
        ) : (
          <a
            key={`${name} ${url}`}
            {...look}
            href={url}
            onClick={(event) => handlers.openOne(notification, url, event)}
          >
            {label}
          </a>
        );
      })}
    </div>
  );
}
