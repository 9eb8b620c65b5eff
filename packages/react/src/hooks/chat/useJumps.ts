import type { MessagesStore } from "@carillon/client";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { ThreadRow } from "../../chat/rows.js";
import type { Virtual } from "./useVirtual.js";

interface Options {
  virtual: Virtual;
  store: MessagesStore | null;
  rows: readonly ThreadRow[];
  hasAfter: boolean;
}

/** How long the message that was jumped to is shown as such. */
const FLASH = 1600;

function keyOfSeq(rows: readonly ThreadRow[], seq: number): string | null {
  const row = rows.find((one) => (one.kind === "message" || one.kind === "system") && one.item.message.seq === seq);
  return row?.key ?? null;
}

/** The ways to a message far away, and to the latest. */
export function useJumps({ virtual, store, rows, hasAfter }: Options) {
  const [flashing, flash] = useState<string | null>(null);
  const [wanted, want] = useState<number | null>(null);
  const latest = useRef({ virtual, store, rows, hasAfter });
  useLayoutEffect(() => {
    latest.current = { virtual, store, rows, hasAfter };
  });

  useEffect(() => {
    if (flashing === null) return;
    const timer = setTimeout(() => flash(null), FLASH);
    return () => clearTimeout(timer);
  }, [flashing]);

  const key = wanted === null ? null : keyOfSeq(rows, wanted);
  useLayoutEffect(() => {
    if (key === null) return;
    want(null);
    latest.current.virtual.toKey(key);
    flash(key);
  }, [key]);

  const toSeq = useCallback((seq: number) => {
    want(seq);
    const { store: now, rows: known } = latest.current;
    if (keyOfSeq(known, seq) === null) void now?.jumpTo(seq).then((isThere) => isThere || want(null));
  }, []);
  const toLatest = useCallback(() => {
    const { store: now, hasAfter: isAway, virtual: view } = latest.current;
    if (!isAway) view.toEnd();
    else void now?.jumpToLatest().then((isThere) => isThere && latest.current.virtual.toEnd());
  }, []);
  return { flashing, toSeq, toLatest };
}
