import { useEffect, useRef } from "react";
import { useChatWords } from "../../chat/words.js";
import type { Mentions } from "../../hooks/chat/useMentions.js";
import { Avatar } from "../Face.js";
import { ChatIcon } from "./ChatIcon.js";

/** Who may be mentioned; the field below keeps the focus and has the keys. */
export function MentionList({ mentions, id }: { mentions: Mentions; id: string }) {
  const words = useChatWords();
  const list = useRef<HTMLDivElement>(null);
  const { choices, current, choose, point } = mentions;
  useEffect(() => {
    list.current?.querySelector("[data-current]")?.scrollIntoView?.({ block: "nearest" });
  });
  return (
    <>
      <p className="carillon-visually-hidden" role="status">
        {choices.length > 0 && words.mentionChoices(choices.length)}
      </p>
      {choices.length > 0 && (
        <div ref={list} id={id} className="carillon-mentions" role="listbox" aria-label={words.mention}>
          {choices.map((choice, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys
            // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus
            <div
              key={choice.id}
              id={`${id}-${index}`}
              className="carillon-option"
              role="option"
              aria-selected={index === current}
              data-current={index === current || undefined}
              onPointerDown={(event) => event.preventDefault()}
              onPointerMove={() => point(index)}
              onClick={() => choose(choice)}
            >
              {choice.person ? (
                <Avatar person={choice.person} size="small" />
              ) : (
                <span className="carillon-avatar" data-size="small" data-group="" aria-hidden="true">
                  <ChatIcon name="users" />
                </span>
              )}
              <span className="carillon-option-body">
                <span className="carillon-option-name" dir="auto">
                  {choice.person?.name ?? words.everyone}
                </span>
                <span className="carillon-option-note" dir="auto">
                  {choice.person ? choice.person.role : words.everyoneHint}
                </span>
              </span>
            </div>
          ))}
        </div>
      )}
    </>
  );
}
