/** The generated types follow the schemas, and editing them by hand is noticed. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";

const SCRIPT = fileURLToPath(new URL("../scripts/generate.mjs", import.meta.url));
const PERSON = {
  type: "object",
  description: "The public face of a user.",
  properties: { id: { type: "string" }, data: { type: "object" }, tags: { type: "array", items: { type: "string" } } },
  required: ["id", "data"],
};
const NATIVE = {
  $defs: {
    Person: PERSON,
    Actor: { anyOf: [{ type: "null" }, { $ref: "#/$defs/Person" }] },
    Entry: { type: "object", properties: { actor: { $ref: "#/$defs/Actor" } }, required: ["actor"] },
    Counters: { type: "object", properties: { unread: { type: "integer", default: 0 } }, required: [] },
    Bound: { type: "object", properties: { up_to: { type: "integer", default: 0 } }, required: [] },
    ClientFrame: { anyOf: [{ $ref: "#/$defs/Bound" }] },
  },
};
const OPENAPI = {
  openapi: "3.0.3",
  info: { title: "Carillon", version: "1" },
  paths: { "/me/": { get: { operationId: "me", responses: { 200: { description: "It is you." } } } } },
};

let folder: string;
const out = (name: string) => join(folder, "out", name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "carillon-generate-"));
  mkdirSync(join(folder, "out"));
  writeFileSync(join(folder, "native.json"), JSON.stringify(NATIVE));
  writeFileSync(join(folder, "openapi.json"), JSON.stringify(OPENAPI));
});

afterEach(() => rmSync(folder, { recursive: true }));

function run(...options: string[]): { status: number | null; text: string } {
  const where = ["--schema", folder, "--out", join(folder, "out")];
  const { status, stderr } = spawnSync(process.execPath, [SCRIPT, ...where, ...options], { encoding: "utf8" });
  return { status, text: stderr };
}

it("writes both files, with what a server always says, and finds them right afterwards", () => {
  expect(run()).toEqual({ status: 0, text: "" });
  const protocol = readFileSync(out("protocol.ts"), "utf8");
  expect(protocol).toContain("The public face of a user.");
  expect(protocol).toMatch(/export interface Person \{\n {2}id: string;\n {2}data: \{\n {4}\[k: string\]: unknown;/);
  expect(protocol).toContain("tags?: string[];");
  expect(protocol).toContain("export type Actor = null | Person;");
  expect(protocol).toMatch(/interface Counters \{\n {2}unread: number;/);
  expect(protocol).toMatch(/interface Bound \{\n {2}up_to\?: number;/);
  expect(protocol).not.toContain("referenced by");
  expect(readFileSync(out("rest.ts"), "utf8")).toContain('"/me/"');
  expect(run("--check")).toEqual({ status: 0, text: "" });
}, 120_000);

it("names each file that was edited by hand or is missing", () => {
  run();
  writeFileSync(out("protocol.ts"), `${readFileSync(out("protocol.ts"), "utf8")}// mine\n`);
  rmSync(out("rest.ts"));
  const { status, text } = run("--check");
  expect(status).toBe(1);
  expect(text).toMatch(/protocol\.ts is not/);
  expect(text).toMatch(/rest\.ts is not/);
}, 120_000);

it("fails and says so when there is no schema", () => {
  rmSync(join(folder, "native.json"));
  expect(run("--check")).toMatchObject({ status: 1, text: expect.stringContaining("native.json") });
}, 120_000);
