/** Loaded first into every process that a mutant's test starts: takes the guard away as Node loads the file. */
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import { MUTANTS } from "./mutants.ts";

const mutant = MUTANTS.find(({ name }) => name === process.env["RINGBACK_MUTANT"]);
if (mutant !== undefined) {
  const url = new URL(`../../${mutant.file}`, import.meta.url).href;
  registerHooks({
    load(asked, context, next) {
      if (asked.split("?")[0] !== url) return next(asked, context);
      const source = readFileSync(fileURLToPath(url), "utf8").replace(mutant.find, () => mutant.replace);
      return { format: "module-typescript", source, shortCircuit: true };
    },
  });
}
