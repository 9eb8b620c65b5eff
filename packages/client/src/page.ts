/** What the page tells us: network, visibility, and a tick that browsers do not slow down in hidden tabs. */

export interface PageHandlers {
  onOnline(): void;
  onVisible(): void;
  /** Every 15 s while the page is hidden. */
  onHiddenTick(): void;
}

/** True unless the browser knows that there is no network. */
export function isOnline(): boolean {
  return typeof navigator === "undefined" || navigator.onLine !== false;
}

/** Listens until the returned function is called; does nothing where there is no page. */
export function watchPage(handlers: PageHandlers): () => void {
  if (typeof window === "undefined" || typeof document === "undefined") return () => undefined;
  let stopTicks = () => {};
  const online = () => handlers.onOnline();
  const visibility = () => {
    stopTicks();
    stopTicks = () => {};
    if (document.visibilityState === "visible") handlers.onVisible();
    else stopTicks = startTicks(handlers.onHiddenTick);
  };
  window.addEventListener("online", online);
  document.addEventListener("visibilitychange", visibility);
  if (document.visibilityState === "hidden") stopTicks = startTicks(handlers.onHiddenTick);
  return () => {
    stopTicks();
    window.removeEventListener("online", online);
    document.removeEventListener("visibilitychange", visibility);
  };
}

/** Browsers let a hidden page's own timers run once a minute, which is too late for a heartbeat; a worker's run on time. */
function startTicks(tick: () => void): () => void {
  if (typeof Worker === "undefined") return () => undefined;
  try {
    // Bundlers make a file of its own of this, so that no content security policy has to allow more than its origin.
    const worker = new Worker(new URL("./tick.js", import.meta.url), { type: "module" });
    worker.onmessage = tick;
    worker.onerror = (event) => event.preventDefault();
    return () => worker.terminate();
  } catch {
    // Where workers are forbidden the page's slower timers have to do.
    return () => undefined;
  }
}
