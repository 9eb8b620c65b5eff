import { useToast } from "@carillon/react";
import { useWords } from "../words";

/** A line to run or to paste, with a button that copies it. */
export function Command({ text }: { text: string }) {
  const words = useWords();
  const toast = useToast();
  const copy = () => {
    navigator.clipboard?.writeText(text).then(
      () => toast({ text: words.copied, time: 2000 }),
      () => undefined,
    );
  };
  return (
    <div className="command">
      <pre className="command-text">
        <code>{text}</code>
      </pre>
      <button type="button" className="carillon-button" data-kind="quiet" data-size="small" onClick={copy}>
        {words.copy}
      </button>
    </div>
  );
}
