/** Puts the one stylesheet together: `dist/style.css` from `src/styles/index.css` and what it imports, in its order. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const from = new URL("../src/styles/", import.meta.url);
const to = new URL("../dist/", import.meta.url);

const index = await readFile(new URL("index.css", from), "utf8");
const names = [...index.matchAll(/@import "(.+?)";/g)].map(([, name]) => name);
const head = index.slice(0, index.indexOf("@import"));
const parts = await Promise.all(names.map((name) => readFile(new URL(name, from), "utf8")));
await mkdir(to, { recursive: true });
await writeFile(fileURLToPath(new URL("style.css", to)), [head, ...parts].join("\n"));
