import type { ConversationFailure } from "@carillon/client";
import { useEffect } from "react";
import { refusalText } from "../../chat/refusals.js";
import { useChatWords } from "../../chat/words.js";
import { useCarillon } from "../../context.js";

const TIME = 8000;
/** Answers that say nothing about the matter itself. */
const VAGUE = new Set(["internal", "unexpected", "bad_answer", "not_found"]);
/** The list, the conversation and the thread all hear of the same refusal. */
const told = new WeakSet<ConversationFailure>();

/** Says in a toast what was refused; the screen has been put back by then. */
export function useChatFailures(store: { dismissFailure(): void } | null, failure: ConversationFailure | null): void {
  const { toasts } = useCarillon();
  const words = useChatWords();
  useEffect(() => {
    if (!store || !failure || told.has(failure)) return;
    told.add(failure);
    const { action, error } = failure;
    const isVague = error.isTransient || VAGUE.has(error.code);
    toasts.show({
      text: isVague ? words.refusedChange[action] : refusalText(error, words, words.refusedFor),
      time: TIME,
    });
    store.dismissFailure();
  }, [store, failure, toasts, words]);
}
