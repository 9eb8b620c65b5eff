/** What the bell, the centre, the chat and all of it weigh for a host: minified, gzipped, without React and what is loaded later. Fails above the goals. */
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";

const root = fileURLToPath(new URL("..", import.meta.url));
const source = `${root}src/index.ts`;
const GOALS = { bell: 12, center: 20, chat: 40, everything: 60 };
const ENTRIES = {
  bell: `export { CarillonProvider, NotificationBell } from "${source}";`,
  center: `export { CarillonProvider, NotificationCenter } from "${source}";`,
  chat: `export { CarillonProvider, Chat } from "${source}";`,
  everything: `export * from "${source}";`,
};

async function weigh(code, external) {
  const entry = "virtual:entry";
  const output = await build({
    root,
    configFile: false,
    logLevel: "silent",
    resolve: { tsconfigPaths: true },
    plugins: [
      {
        name: "entry",
        enforce: "pre",
        resolveId: (id) => (id === entry ? `\0${entry}` : null),
        load: (id) => (id === `\0${entry}` ? code : null),
      },
    ],
    build: {
      write: false,
      minify: true,
      target: "es2022",
      modulePreload: { polyfill: false },
      rolldownOptions: { input: entry, external, preserveEntrySignatures: "strict" },
    },
  });
  const chunks = [output].flat().flatMap((one) => one.output);
  const files = new Map(chunks.filter(({ type }) => type === "chunk").map((chunk) => [chunk.fileName, chunk]));
  // What the entry imports at once; what it fetches later is not waited for.
  const wanted = [...files.values()].filter((chunk) => chunk.isEntry).map((chunk) => chunk.fileName);
  for (const name of wanted)
    wanted.push(...files.get(name).imports.filter((one) => files.has(one) && !wanted.includes(one)));
  return wanted.reduce((sum, name) => sum + gzipSync(files.get(name).code).length, 0);
}

const react = /^react(-dom)?($|\/)/;
for (const [name, code] of Object.entries(ENTRIES)) {
  const own = await weigh(code, [react, "@carillon/client"]);
  const whole = await weigh(code, [react]);
  const goal = GOALS[name];
  const show = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
  process.stdout.write(
    `${name.padEnd(12)} ${show(own).padStart(8)}  with the client ${show(whole).padStart(8)}  goal ${goal} kB\n`,
  );
  if (own > goal * 1000) process.exitCode = 1;
}
