// A page's network, as far as our server is concerned: there, gone, or there for reading alone.

/** Answers a request unless it is one of these states' to lose. */
const LOST = {
  up: () => false,
  down: () => true,
  // The page loads and its session is restored, but what is written does not arrive, and no socket opens.
  reading: (request) => request.method() !== "GET" && !request.url().includes("/auth/"),
};

/**
 * The page's network in hand: `set(state)` changes it, and closes open sockets where there are to be none.
 * `muted`: sockets stay open and the page still speaks, but hears nothing.
 */
export async function network(page) {
  const sockets = new Set();
  let now = "up";
  await page.routeWebSocket(/\/ws\//, (socket) => {
    if (now === "down" || now === "reading") return socket.close({ code: 1011 });
    const far = socket.connectToServer();
    far.onMessage((frame) => now !== "muted" && socket.send(frame));
    sockets.add(socket);
  });
  await page.route("**/api/**", (route, request) => (LOST[now]?.(request) ? route.abort() : route.fallback()));
  return async (state) => {
    now = state;
    if (state !== "down" && state !== "reading") return;
    for (const socket of sockets) await socket.close({ code: 1011 });
    sockets.clear();
  };
}
