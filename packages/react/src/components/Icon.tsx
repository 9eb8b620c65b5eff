/** The icons that Carillon draws: 24 grid, one stroke, no fill. Each is one path. */
const PATHS = {
  alert: "M12 4.5 3.5 19h17zM12 10v4M12 16.5v.01",
  archive: "M4 5h16v4H4zM5.5 9v10h13V9M10 13h4",
  bell: "M5.2 17c1.5-1.6 2-3.5 2-6.2C7.2 7.5 9.2 5.2 12 5.2s4.8 2.3 4.8 5.6c0 2.7.5 4.6 2 6.2zM12 5.2V3.4M10.3 20a1.9 1.9 0 0 0 3.4 0",
  calendar: "M4.5 6.5h15v13h-15zM4.5 10.5h15M8.5 4v4M15.5 4v4",
  chat: "M4 5.5h16v11H10.5L6.5 20v-3.5H4z",
  check: "m5 12.5 4.5 4.5L19 7.5",
  checks: "m3 12.5 4 4L15.5 8M12 15.5l1 1L21 8",
  horn: "M4 10v4h3l9 4.5v-13L7 10zM16 9.5c1.8.3 3 1.2 3 2.5s-1.2 2.2-3 2.5M8 14.5l1 4.5h2.5l-1-3.5",
  inbox: "M4 13.5 6.3 6h11.4L20 13.5V18H4zM4 13.5h4.5a3.5 3.5 0 0 0 7 0H20",
  keyboard: "M3 7h18v10.5H3zM6.5 10.5h.01M10 10.5h.01M13.5 10.5h.01M17.5 10.5h.01M8 14.3h8",
  lock: "M5.5 10.5h13v9h-13zM8.5 10.5V8a3.5 3.5 0 0 1 7 0v2.5",
  mail: "M3.5 6h17v12.5h-17zM4 7l8 6 8-6",
  more: "M6 12h.01M12 12h.01M18 12h.01",
  muted: "M4.5 10v4h3l4 3.5v-11l-4 3.5zM15.5 10l4 4M19.5 10l-4 4",
  offline:
    "M4 4l16 16M8.8 14.3A4.7 4.7 0 0 1 12 13c1.2 0 2.3.5 3.2 1.3M5.5 11A9.5 9.5 0 0 1 9 8.8M18.5 11a9.4 9.4 0 0 0-6-2.5M12 17.5h.01",
  plug: "M9 4v4.5M15 4v4.5M6.5 8.5h11V11a5.5 5.5 0 0 1-11 0zM12 16.5V20",
  retry: "M19.5 12a7.5 7.5 0 1 1-2.3-5.4M19.5 4v4h-4",
  ring: "M19.5 12a7.5 7.5 0 1 1-15 0 7.5 7.5 0 0 1 15 0z",
  search: "M17 11a6 6 0 1 1-12 0 6 6 0 0 1 12 0zM15.5 15.5l4.5 4.5",
  snooze: "M19 13a7 7 0 1 1-14 0 7 7 0 0 1 14 0zM9.8 10.5h4.4l-4.4 5h4.4M4 6.5 6.5 4M20 6.5 17.5 4",
  sound: "M4.5 10v4h3l4 3.5v-11l-4 3.5zM15 9.5a3.5 3.5 0 0 1 0 5M17.5 7a7 7 0 0 1 0 10",
  trash: "M5 7h14M9.5 7V4.5h5V7M7 7l.8 12.5h8.4L17 7M10.5 10.5v5.5M13.5 10.5v5.5",
  up: "M12 19V5.5M6 11l6-6 6 6",
  user: "M15.5 8.5a3.5 3.5 0 1 1-7 0 3.5 3.5 0 0 1 7 0zM5 19.5c.7-3.6 3.4-5.5 7-5.5s6.3 1.9 7 5.5",
  x: "m6.5 6.5 11 11M17.5 6.5l-11 11",
} as const;

export type IconName = keyof typeof PATHS;

/** True when `name` is one of ours: a notification may name its icon. */
export function isIcon(name: string): name is IconName {
  return Object.hasOwn(PATHS, name);
}

/** A decorative icon: the word or the name of the button beside it tells what it means. */
export function Icon({ name, className = "carillon-icon" }: { name: IconName; className?: string }) {
  return (
    <svg className={className} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} strokeWidth={name === "more" ? 2.6 : undefined} />
    </svg>
  );
}
