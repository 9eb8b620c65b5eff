import type { Person } from "@carillon/client";
import { useEffect, useRef, useState } from "react";
import { shortName } from "../../chat/format.js";
import { useChatWords } from "../../chat/words.js";

/** The same people are told at most so often. */
const TOLD_EVERY = 10_000;

/** What a screen reader is told: nothing for the same people twice within ten seconds. */
function useTold(sentence: string): string {
  const [told, setTold] = useState("");
  const last = useRef({ sentence: "", at: 0 });
  useEffect(() => {
    if (sentence === "") {
      setTold("");
      return;
    }
    const { sentence: before, at } = last.current;
    if (before === sentence && Date.now() - at < TOLD_EVERY) return;
    last.current = { sentence, at: Date.now() };
    setTold(sentence);
  }, [sentence]);
  return told;
}

/** Who is typing; always 24 pixels high, so that it never moves anything. */
export function TypingLine({ people }: { people: readonly Person[] }) {
  const words = useChatWords();
  const sentence = people.length === 0 ? "" : words.typing(people.map(shortName));
  const told = useTold(sentence);
  return (
    <div className="carillon-typing">
      {sentence !== "" && (
        <>
          <span className="carillon-typing-dots" aria-hidden="true">
            <i className="carillon-typing-dot" />
            <i className="carillon-typing-dot" />
            <i className="carillon-typing-dot" />
          </span>
          <span className="carillon-typing-text" aria-hidden="true" dir="auto">
            {sentence}
          </span>
        </>
      )}
      <span className="carillon-visually-hidden" aria-live="polite">
        {told}
      </span>
    </div>
  );
}
