import type { RingButton, RingRequest } from "./client";

/** A Python string literal; JSON's escapes are Python's too. */
function literal(text: string): string {
  return JSON.stringify(text);
}

function linesOf({ name, label, command, style, data }: RingButton): string[] {
  const words = `{"fr": ${literal(label.fr)}, "en": ${literal(label.en)}}`;
  const values = Object.entries(data).map(([key, value]) => `${literal(key)}: ${value ? "True" : "False"}`);
  const options = [
    `command=${literal(command)}`,
    `data={${values.join(", ")}}`,
    ...(style ? [`style=${literal(style)}`] : []),
  ];
  return [`        Button(${literal(name)}, ${words},`, `               ${options.join(", ")}),`];
}

/** The lines of Python that do what the form does; what keeps its default is left out. */
export function pythonOf(username: string, draft: Omit<RingRequest, "username">): string {
  const person = /^[a-z_]\w*$/i.test(username) ? username : "user";
  const given = [
    ["title", draft.title, ""],
    ["message", draft.message, ""],
    ["type", draft.type, "message"],
    ["severity", draft.severity, "info"],
    ["url", draft.url, ""],
  ].flatMap(([name, value, usual]) => (value && value !== usual ? [`    ${name}=${literal(value)},`] : []));
  const buttons = draft.buttons.length > 0 ? ["    buttons=[", ...draft.buttons.flatMap(linesOf), "    ],"] : [];
  const names = draft.buttons.length > 0 ? "Button, notify" : "notify";
  return [
    `from carillon.notifications import ${names}`,
    "",
    "notify(",
    `    ${person},`,
    ...given,
    ...buttons,
    ")",
  ].join("\n");
}
