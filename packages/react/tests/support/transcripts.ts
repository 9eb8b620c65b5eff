/** The dialogues of protocol/transcripts: their files, and what their placeholders stand for. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const FOLDER = join(import.meta.dirname, "..", "..", "..", "..", "protocol", "transcripts");

export interface HttpStep {
  http: string;
  /** Empty for nobody. */
  as: string;
  headers?: Record<string, string>;
  body?: unknown;
  status: number;
  answer: unknown;
}
export interface OpenStep {
  open: string;
  socket: string;
  as: string;
  by: "subprotocol" | "query" | "nothing";
}
export type Step =
  | HttpStep
  | OpenStep
  | { socket: string; send: unknown }
  | { socket: string; receive: Record<string, unknown> }
  | { socket: string; closed: number }
  | { python: string; in: string; for: string };

export interface Dialogue {
  title: string;
  covers: string[];
  people: string[];
  steps: Step[];
}

/** Every dialogue of the dialects that hooks and services of ours speak, by `dialect/name`. */
export function dialogues(): [string, Dialogue][] {
  const isSpoken = (name: string) => /^(bell|mentoring)\b.*\.json$/.test(name);
  const files = readdirSync(FOLDER, { recursive: true, encoding: "utf8" }).filter(isSpoken);
  return files.sort().map((name) => {
    return [name.replace(/\.json$/, ""), JSON.parse(readFileSync(join(FOLDER, name), "utf8")) as Dialogue];
  });
}

const PLACEHOLDER = /<(id|time|user)(?::([\w -]+))?>/g;

/** Puts a value in the place of each placeholder: the same for the same name, another for each that has none. */
export function createFiller(): <Value>(value: Value) => Value {
  const known = new Map<string, string>();
  let made = 0;
  const make = (kind: string) => {
    made += 1;
    return kind === "time"
      ? new Date(Date.UTC(2026, 10, 21, 10, 0, made)).toISOString()
      : made.toString(16).padStart(12, "a");
  };
  const stands = (_: string, kind: string, name?: string) => {
    const key = `${kind}:${name ?? `${made} unnamed`}`;
    const value = known.get(key) ?? make(kind);
    known.set(key, value);
    return value;
  };
  return (value) => JSON.parse(JSON.stringify(value).replace(PLACEHOLDER, stands));
}
