import type { Draft, Quote } from "@carillon/client";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useDraftsStore, useStore } from "./stores.js";

/** What is being written is kept when the writer pauses for so long, and when the conversation is left. */
const PAUSE = 400;
const EMPTY: Draft = { text: "", replyTo: null };
const NO_DRAFTS: ReadonlyMap<number, Draft> = new Map();

export interface DraftModel {
  readonly text: string;
  readonly replyTo: Quote | null;
  readonly setText: (text: string) => void;
  readonly setReply: (quote: Quote | null) => void;
  /** The words were sent: nothing of them is kept. */
  readonly clear: () => void;
}

/** What was begun in a conversation, as it was left. */
export function useDraft(conversation: number): DraftModel {
  const store = useDraftsStore();
  const kept = useStore(store, NO_DRAFTS).get(conversation) ?? EMPTY;
  // Until the first keystroke it is what was kept, which may be known only once it is known who is here.
  const [own, setOwn] = useState<Draft | null>(null);
  const draft = own ?? kept;
  const latest = useRef(draft);
  useLayoutEffect(() => {
    latest.current = draft;
  });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const keep = useCallback(() => {
    clearTimeout(timer.current);
    if (timer.current === undefined) return;
    timer.current = undefined;
    store?.set(conversation, latest.current);
  }, [store, conversation]);

  const change = useCallback(
    (part: Partial<Draft>) => {
      latest.current = { ...latest.current, ...part };
      setOwn(latest.current);
      clearTimeout(timer.current);
      timer.current = setTimeout(keep, PAUSE);
    },
    [keep],
  );

  useEffect(() => {
    addEventListener("pagehide", keep);
    return () => {
      removeEventListener("pagehide", keep);
      keep();
    };
  }, [keep]);

  const setText = useCallback((text: string) => change({ text }), [change]);
  const setReply = useCallback((replyTo: Quote | null) => change({ replyTo }), [change]);
  const clear = useCallback(() => {
    clearTimeout(timer.current);
    timer.current = undefined;
    latest.current = EMPTY;
    setOwn(EMPTY);
    store?.clear(conversation);
  }, [store, conversation]);
  return { ...draft, setText, setReply, clear };
}
