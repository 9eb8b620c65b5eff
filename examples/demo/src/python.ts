import type { RingRequest } from "./client";

/** A Python string literal; JSON's escapes are Python's too. */
function literal(text: string): string {
  return JSON.stringify(text);
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
  return ["from carillon.notifications import notify", "", "notify(", `    ${person},`, ...given, ")"].join("\n");
}
