/** Text of the wire to typed frames and back; what is not a frame is null, never an exception. */
import type { ControlFrame, EventFrame } from "./protocol.js";

/** One frame from the server, or null when it is none (a newer server may say things we do not know). */
export function parseFrame(text: unknown): ControlFrame | EventFrame | null {
  if (typeof text !== "string") return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  return isFrame(value) ? value : null;
}

function isFrame(value: unknown): value is ControlFrame | EventFrame {
  if (!isObject(value) || typeof value.type !== "string" || !isObject(value.data)) return false;
  switch (value.type) {
    case "reply":
      return typeof value.ref === "string";
    case "error":
    case "hello":
    case "drain":
    case "token_expiring":
      return true;
    default:
      return typeof value.topic === "string";
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** One command as text. */
export function formatCommand(name: string, ref: string, data: Record<string, unknown>, clientId?: string): string {
  return JSON.stringify({ type: name, ref, data, ...(clientId === undefined ? {} : { client_id: clientId }) });
}
