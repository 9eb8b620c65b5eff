// An application of the tests, type-checked and bundled as its own build would do it.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import react from "@vitejs/plugin-react";
import { build } from "vite";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const run = promisify(execFile);

/** Fails with what `tsc` has to say of the project in `folder`. */
export async function check(folder) {
  await run("node", [`${ROOT}node_modules/typescript/bin/tsc`, "-p", `${ROOT}${folder}`]).catch(({ stdout }) => {
    throw new Error(stdout);
  });
}

/** The files of `folder`'s bundle by name; its entry is `entry.js`. */
export async function bundle(folder) {
  const root = `${ROOT}${folder}`;
  const { output } = await build({
    root,
    configFile: false,
    logLevel: "error",
    base: "./",
    plugins: [component(), react()],
    resolve: { tsconfigPaths: true },
    build: {
      write: false,
      minify: false,
      modulePreload: false,
      rolldownOptions: { input: `${root}/src/main.tsx`, output: { entryFileNames: "entry.js" } },
    },
  });
  return new Map(output.map((file) => [file.fileName, file.type === "chunk" ? file.code : file.source]));
}

/** `Name?component`: the statements of a file inside a component of that name, for hooks may be called nowhere else. */
function component() {
  return {
    name: "component",
    enforce: "pre",
    async resolveId(source, importer) {
      if (!source.endsWith("?component")) return null;
      const found = await this.resolve(source.replace("?component", ""), importer);
      return `${found.id}?component`;
    },
    async load(id) {
      if (!id.endsWith("?component")) return null;
      const text = await readFile(id.replace("?component", ""), "utf8");
      const [, imports, body] = /^((?:\/\/.*\n|import .*\n|\n)*)([^]*)$/.exec(text);
      const name = /(\w+)\.ts\?component$/.exec(id)[1];
      return { code: `${imports}\nexport function ${name}() {\n${body}\nreturn null;\n}\n`, moduleType: "ts" };
    },
  };
}
