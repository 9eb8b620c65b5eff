/** The icons of the chat, in the one style of the others; apart, so that a bell alone does not carry them. */
const PATHS = {
  back: "M19 12H5.5M11 6l-6 6 6 6",
  block: "M20 12a8 8 0 1 1-16 0 8 8 0 0 1 16 0zM6.4 6.4l11.2 11.2",
  bellOff:
    "M4 4l16 16M7.3 9.2C7 12.3 7 15 5.2 17H17M9.6 5.8A4.6 4.6 0 0 1 12 5.2c2.8 0 4.8 2.3 4.8 5.6 0 1 .1 1.9.2 2.7M10.3 20a1.9 1.9 0 0 0 3.4 0",
  chat: "M4 5.5h16v11H10.5L6.5 20v-3.5H4z",
  clock: "M20 12a8 8 0 1 1-16 0 8 8 0 0 1 16 0zM12 7.5V12l3 2",
  copy: "M8.5 8.5h11v11h-11zM15.5 8.5v-4h-11v11h4",
  edit: "m5 19 .8-3.8L15.7 5.3a1.6 1.6 0 0 1 2.3 0l.7.7a1.6 1.6 0 0 1 0 2.3L8.8 18.2zM13.7 7.3l3 3",
  leave: "M13.5 4.5h-8v15h8M10 12h10.5M16.5 8l4 4-4 4",
  reply: "m9 6-5 5 5 5M4.5 11H14a6 6 0 0 1 6 6v1",
  send: "M5 12 4 4.8 20.5 12 4 19.2 5 12zM5 12h7",
  smile: "M20 12a8 8 0 1 1-16 0 8 8 0 0 1 16 0zM8.5 14c.8 1.3 2 2 3.5 2s2.7-.7 3.5-2M9.5 9.5v.6M14.5 9.5v.6",
  toEnd: "M12 5v13.5M6 13l6 6 6-6",
  users:
    "M12.2 9a3.2 3.2 0 1 1-6.4 0 3.2 3.2 0 0 1 6.4 0zM3 19c.6-3.2 2.9-5 6-5s5.4 1.8 6 5M15.5 6.2a3.2 3.2 0 0 1 0 5.7M17.5 14.5c2 .6 3.1 2.2 3.5 4.5",
  userPlus:
    "M13.5 8.5a3.5 3.5 0 1 1-7 0 3.5 3.5 0 0 1 7 0zM3 19.5c.7-3.6 3.4-5.5 7-5.5 2 0 3.7.6 5 1.7M18.5 14.5v6M15.5 17.5h6",
} as const;

export type ChatIconName = keyof typeof PATHS;

const DIRECTIONAL = new Set<ChatIconName>(["back", "leave", "reply", "send"]);

/** A decorative icon; arrows that mean a direction follow the reading direction. */
export function ChatIcon({ name }: { name: ChatIconName }) {
  return (
    <svg
      className="carillon-icon"
      viewBox="0 0 24 24"
      aria-hidden="true"
      focusable="false"
      data-directional={DIRECTIONAL.has(name) || undefined}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
