/**
 * Writes src/generated/ from protocol/schema/: protocol.ts from native.json (the socket), rest.ts from openapi.json.
 * With --check it writes nothing and fails when a file on disk is not what would be written.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { compile } from "json-schema-to-typescript";
import openapiTS, { astToString } from "openapi-typescript";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const ROOT_NAME = "ProtocolDefinitions";

const { values: options } = parseArgs({
  options: {
    check: { type: "boolean", default: false },
    schema: { type: "string", default: resolve(HERE, "../../../protocol/schema") },
    out: { type: "string", default: resolve(HERE, "../src/generated") },
  },
});

const TARGETS = [
  { source: "native.json", target: "protocol.ts", generate: generateProtocol },
  { source: "openapi.json", target: "rest.ts", generate: generateRest },
];

function banner(source) {
  return `/* Generated from protocol/schema/${source} by packages/client/scripts/generate.mjs: do not edit. */\n`;
}

/** One exported type per entry of `$defs`, under its own name. */
async function generateProtocol(path) {
  const document = JSON.parse(await readFile(path, "utf8"));
  const definitions = document.$defs;
  if (definitions === undefined) throw new Error(`${path} has no $defs.`);
  const asked = reachable(definitions, "ClientFrame");
  const named = Object.fromEntries(
    Object.entries(definitions).map(([name, schema]) => {
      const whole = asked.has(name) ? schema : withDefaultsPresent(schema);
      return [name, { ...opened(whole), title: name }];
    }),
  );
  const root = { title: ROOT_NAME, type: "object", additionalProperties: false, $defs: named };
  const text = await compile(root, ROOT_NAME, {
    additionalProperties: false,
    bannerComment: "",
    ignoreMinAndMaxItems: true,
    unreachableDefinitions: true,
    style: { printWidth: 120 },
  });
  return withoutNoise(text);
}

/** Without the empty root and the generator's own remarks, which say nothing to a reader. */
function withoutNoise(text) {
  return text
    .replace(`export interface ${ROOT_NAME} {}\n`, "")
    .replace(/( \*\n)? \* This (interface|type) was referenced by [^\n]*\n \* via the `definition` "\w+"\.\n/g, "")
    .replace(/\/\*\*\n \*\/\n/g, "")
    .trimStart();
}

/** Names of the definitions that `name` is made of, its own included. */
function reachable(definitions, name, found = new Set()) {
  if (found.has(name) || definitions[name] === undefined) return found;
  found.add(name);
  const text = JSON.stringify(definitions[name]);
  for (const [, next] of text.matchAll(/"#\/\$defs\/(\w+)"/g)) reachable(definitions, next, found);
  return found;
}

/** A default may be left out by a client; the server always writes it. */
function withDefaultsPresent(schema) {
  const written = Object.entries(schema.properties ?? {}).filter(([, property]) => "default" in property);
  if (written.length === 0) return schema;
  return { ...schema, required: [...new Set([...(schema.required ?? []), ...written.map(([name]) => name)])] };
}

/** A bare `object` is any object; the generator would make it an empty one. */
function opened(schema) {
  if (Array.isArray(schema)) return schema.map(opened);
  if (typeof schema !== "object" || schema === null) return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, opened(value)]));
  const isBare = copy.type === "object" && copy.properties === undefined && copy.additionalProperties === undefined;
  return isBare ? { ...copy, additionalProperties: true } : copy;
}

async function generateRest(path) {
  return astToString(await openapiTS(pathToFileURL(path), { alphabetize: true }));
}

async function run() {
  const stale = [];
  for (const { source, target, generate } of TARGETS) {
    const text = `${banner(source)}\n${await generate(join(options.schema, source))}`;
    const path = join(options.out, target);
    if (options.check) {
      const current = await readFile(path, "utf8").catch(() => null);
      if (current !== text) stale.push(path);
    } else {
      await writeFile(path, text);
    }
  }
  for (const path of stale) {
    process.stderr.write(`${relative(process.cwd(), path)} is not what the schema says: run "npm run generate".\n`);
  }
  return stale.length === 0 ? 0 : 1;
}

process.exitCode = await run().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  return 1;
});
