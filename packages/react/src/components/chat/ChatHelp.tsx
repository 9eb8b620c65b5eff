import { type RefObject, useSyncExternalStore } from "react";
import { enterSendsStore, setEnterSends } from "../../chat/settings.js";
import { useChatWords } from "../../chat/words.js";
import { KeyboardHelp } from "../KeyboardHelp.js";

/** The keys of the chat, with the two settings about them. */
export function ChatHelp({ dialog }: { dialog: RefObject<HTMLDialogElement | null> }) {
  const words = useChatWords();
  const store = enterSendsStore();
  const enterSends = useSyncExternalStore(store.subscribe, store.getSnapshot, () => true);
  const keys = [
    [words.keySend, enterSends ? [words.keyEnter] : [words.keyControl, words.keyEnter]],
    [words.keyBreak, enterSends ? [words.keyShift, words.keyEnter] : [words.keyEnter]],
    [words.keyEditLast, ["↑"]],
    [words.keyMove, ["k", "j"]],
    [words.reply, ["r"]],
    [words.editMessage, ["e"]],
    [words.mention, ["@"]],
    [words.keySearch, ["/"]],
    [words.keyLeave, [words.keyEscape]],
    [words.keyHelp, ["?"]],
  ] as const;
  return (
    <KeyboardHelp dialog={dialog} keys={keys}>
      <label className="carillon-dialog-switch carillon-dialog-setting">
        <input
          type="checkbox"
          role="switch"
          className="carillon-switch"
          checked={enterSends}
          aria-checked={enterSends}
          onChange={(event) => setEnterSends(event.currentTarget.checked)}
        />
        <span>{words.enterSends}</span>
      </label>
    </KeyboardHelp>
  );
}
