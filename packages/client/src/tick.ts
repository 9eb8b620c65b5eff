/** A worker that does nothing but tick: its timers run on time while the page is hidden. */
setInterval(() => postMessage(0), 15_000);
