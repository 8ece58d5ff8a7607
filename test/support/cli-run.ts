/** Runs the command line: in this process with streams of its own, or as the program that people start. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { PassThrough, Readable } from "node:stream";
import { text as readAll } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { run } from "../../controller/cli/program.ts";

const MAIN = fileURLToPath(new URL("../../controller/cli/main.ts", import.meta.url));

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  /** Where the credential is kept. */
  readonly home: string;
  readonly stdin?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly interrupted?: AbortSignal;
  /** Whether a person sits before a screen. */
  readonly terminal?: boolean;
}

export async function cli(
  args: readonly string[],
  { home, stdin = "", environment = {}, interrupted, terminal = false }: CliOptions,
): Promise<CliResult> {
  const stdout = Object.assign(new PassThrough(), { isTTY: terminal });
  const stderr = Object.assign(new PassThrough(), { isTTY: terminal });
  const texts = Promise.all([readAll(stdout), readAll(stderr)]);
  const code = await run(args, {
    stdin: Readable.from([stdin]),
    stdout,
    stderr,
    environment: { HOME: home, ...environment },
    platform: process.platform,
    interrupted: interrupted ?? new AbortController().signal,
  });
  stdout.end();
  stderr.end();
  const [out, err] = await texts;
  return { code, stdout: out, stderr: err };
}

export interface CliProcess {
  /** What came on stdout so far. */
  output(): string;
  signal(signal: NodeJS.Signals): void;
  readonly ended: Promise<CliResult>;
}

/** As a program of its own, the way `npm run ringback` starts it. */
export function startCli(args: readonly string[], { home, stdin = "" }: CliOptions): CliProcess {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...process.env, HOME: home, XDG_CONFIG_HOME: "" },
    stdio: "pipe",
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => (stdout += part));
  child.stderr.setEncoding("utf8").on("data", (part: string) => (stderr += part));
  child.stdin.end(stdin);
  const ended = once(child, "close").then(([code]): CliResult => ({ code: code as number | null, stdout, stderr }));
  return { output: () => stdout, signal: (signal) => void child.kill(signal), ended };
}
