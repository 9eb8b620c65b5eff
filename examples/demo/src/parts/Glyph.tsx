const PATHS = {
  alert: "M12 4.5 3.5 19h17zM12 10v4M12 16.5v.01",
  bell: "M5.2 17c1.5-1.6 2-3.5 2-6.2C7.2 7.5 9.2 5.2 12 5.2s4.8 2.3 4.8 5.6c0 2.7.5 4.6 2 6.2zM12 5.2V3.4M10.3 20a1.9 1.9 0 0 0 3.4 0",
  chat: "M4 5.5h16v11H10.5L6.5 20v-3.5H4z",
  home: "M4 11.5 12 4.5l8 7M6 10v9.5h12V10M10 19.5v-5h4v5",
  horn: "M4 10v4h3l9 4.5v-13L7 10zM16 9.5c1.8.3 3 1.2 3 2.5s-1.2 2.2-3 2.5M8 14.5l1 4.5h2.5l-1-3.5",
  keyboard: "M3 7h18v10.5H3zM6.5 10.5h.01M10 10.5h.01M13.5 10.5h.01M17.5 10.5h.01M8 14.3h8",
  plug: "M9 4v4.5M15 4v4.5M6.5 8.5h11V11a5.5 5.5 0 0 1-11 0zM12 16.5V20",
  right: "m9.5 6.5 5.5 5.5-5.5 5.5",
  tabs: "M4 8.5h11.5V20H4zM8 8.5V4.5h12v11.5h-4.5",
  terminal: "M3.5 5.5h17v13h-17zM7 9.5l3 2.5-3 2.5M12.5 15h4",
  users:
    "M12.2 9a3.2 3.2 0 1 1-6.4 0 3.2 3.2 0 0 1 6.4 0zM3 19c.6-3.2 2.9-5 6-5s5.4 1.8 6 5M15.5 6.2a3.2 3.2 0 0 1 0 5.7M17.5 14.5c2 .6 3.1 2.2 3.5 4.5",
} as const;

export type GlyphName = keyof typeof PATHS;

/** The demo's own icons, in the one style of Carillon's. */
export function Glyph({ name }: { name: GlyphName }) {
  return (
    <svg className="carillon-icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
