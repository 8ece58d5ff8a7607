/** The administrator's command line: `npm run ringback -- --help`. */
import { run } from "./program.ts";

const interrupt = new AbortController();
process.once("SIGINT", () => interrupt.abort()); // a second Ctrl-C ends the process at once
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0); // `| head` has seen enough
  throw error;
});

process.exitCode = await run(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  platform: process.platform,
  interrupted: interrupt.signal,
});
