import { useEffect, useState } from "react";

type PanelModule = typeof import("../components/Panel.js");

const IDLE_AFTER = 1500;
let loading: Promise<PanelModule> | null = null;

/** Fetches the code of the panel once; after a failure the next call tries again. */
function load(): Promise<PanelModule> {
  loading ??= import("../components/Panel.js").catch((error: unknown) => {
    loading = null;
    throw error;
  });
  return loading;
}

function whenIdle(work: () => void): () => void {
  if (typeof requestIdleCallback === "function") {
    const handle = requestIdleCallback(work, { timeout: IDLE_AFTER });
    return () => cancelIdleCallback(handle);
  }
  const timer = setTimeout(work, IDLE_AFTER);
  return () => clearTimeout(timer);
}

/**
 * The panel, whose code a page with a closed bell does not wait for: it comes when the browser is idle, at the latest
 * when the panel opens. Null until then.
 */
export function usePanelCode(isOpen: boolean): PanelModule["Panel"] | null {
  const [code, setCode] = useState<PanelModule | null>(null);
  useEffect(() => {
    if (code) return;
    let isOver = false;
    const start = () => {
      load().then(
        (module) => {
          if (!isOver) setCode(module);
        },
        // The network is away: opening the panel asks again.
        () => undefined,
      );
    };
    const cancel = isOpen ? start() : whenIdle(start);
    return () => {
      isOver = true;
      cancel?.();
    };
  }, [code, isOpen]);
  return code?.Panel ?? null;
}
