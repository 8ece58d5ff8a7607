/** The drill's command line: `npm run simulate -- --help`. */
import { readFileSync, writeFileSync } from "node:fs";
import { run } from "./command/run.ts";
import { runOutbreak } from "./run-outbreak.ts";
import { SCENARIOS } from "./scenarios.ts";

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0); // `| head` has seen enough
  throw error;
});

process.exitCode = run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  readFile: (path) => readFileSync(path, "utf8"),
  writeFile: (path, text) => writeFileSync(path, text),
  scenarios: SCENARIOS,
  // Where nobody watches, nobody learns before the push either.
  play: ({ hasProduct, ...wish }) => runOutbreak({ ...wish, hasProduct, ...(hasProduct ? {} : { warmUpMinutes: 10 }) }),
});
