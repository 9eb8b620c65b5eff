// The packages' own sources, as a script can use them.
import { fileURLToPath } from "node:url";
import { runnerImport } from "vite";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** The module at `path` of the repository, compiled in memory. */
export async function load(path) {
  const { module } = await runnerImport(`${ROOT}${path}`, { root: ROOT, configFile: false, logLevel: "error" });
  return module;
}
