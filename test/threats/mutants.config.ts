/**
 * Vitest with one guard taken away: the source is changed as it is loaded, in this process by Vite and in every process
 * that a test starts by a hook of Node.
 */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { MUTANTS } from "./mutants.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const HOOK = new URL("./mutant-hook.ts", import.meta.url).href;
const mutant = MUTANTS.find(({ name }) => name === process.env["RINGBACK_MUTANT"]);

export default defineConfig({
  root: ROOT,
  plugins: [
    {
      name: "ringback-mutant",
      enforce: "pre",
      transform(source, id) {
        if (mutant === undefined || id.split("?")[0] !== `${ROOT}${mutant.file}`) return undefined;
        return { code: source.replace(mutant.find, () => mutant.replace), map: null };
      },
    },
  ],
  test: {
    pool: "forks",
    maxWorkers: 1,
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    bail: 1,
    // What was loaded with another guard taken away, or none, must not come back.
    fsModuleCache: false,
    env: { NODE_OPTIONS: `--import=${HOOK}` },
  },
});
