import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const server = process.env["CARILLON_SERVER"] ?? "http://127.0.0.1:8000";

/** The server takes requests from its own origin only, so in development they are sent in its name. */
const proxied = { target: server, changeOrigin: true, headers: { origin: server } };

export default defineConfig(({ command }) => ({
  // Built, Django serves the page at every path, and what it needs from here.
  base: command === "build" ? "/static/demo/" : "/",
  plugins: [react()],
  resolve: { tsconfigPaths: true },
  build: {
    // The server's Content-Security-Policy allows neither inline scripts nor `data:`.
    assetsInlineLimit: 0,
    // Browsers that know light-dark() and popover: a fallback would follow the system, not the page.
    cssTarget: ["chrome125", "firefox125", "safari17.5"],
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    host: "127.0.0.1",
    proxy: {
      "/api": proxied,
      "/ws": { ...proxied, ws: true },
      "/admin": proxied,
      "/static/admin": proxied,
    },
  },
}));
