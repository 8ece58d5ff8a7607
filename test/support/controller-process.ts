/** The controller as it is started by an administrator: a process of its own, on a free port, killed when a test says so. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const MAIN = fileURLToPath(new URL("../../controller/main.ts", import.meta.url));
const Ready = z.strictObject({ listening: z.url(), setupLink: z.string().nullable(), caSha256: z.string().nullable() });

export interface ControllerProcess {
  readonly url: string;
  /** Where agents connect. */
  readonly agentUrl: string;
  readonly setupLink: string | null;
  /** What it wrote to stderr. */
  readonly said: () => string;
  /** What agents pin; null where TLS does not end here. */
  readonly caSha256: string | null;
  /** As a machine that is suspended, until `goOn`. */
  hang(): void;
  goOn(): void;
  /** As a power cut would: no chance to finish anything. */
  kill(): Promise<void>;
  /** As an administrator would; resolves with the exit code. */
  stop(): Promise<number | null>;
}

/** @throws with what it wrote to stderr, if it ends before it listens */
export async function startControllerProcess(
  dataFolder: string,
  options: readonly string[] = [],
  { onSaid = () => undefined }: { readonly onSaid?: (text: string) => void } = {},
): Promise<ControllerProcess> {
  const child = spawn(
    process.execPath,
    [MAIN, "--data", dataFolder, "--port", "0", "--json-ready", "--log-level", "warn", ...options],
    {
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
    onSaid(text);
  });
  const exited = once(child, "exit") as Promise<[number | null]>;
  const first = await Promise.race([
    once(createInterface({ input: child.stdout }), "line"),
    exited.then(() => undefined),
  ]);
  if (first === undefined) throw new ControllerDidNotStart(child.exitCode, said);
  const { listening, setupLink, caSha256 } = Ready.parse(JSON.parse(String(first[0])));
  return {
    url: listening,
    agentUrl: listening.replace("http", "ws"),
    setupLink,
    said: () => said,
    caSha256,
    hang: () => void child.kill("SIGSTOP"),
    goOn: () => void child.kill("SIGCONT"),
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
    async stop() {
      end(child);
      return (await exited)[0];
    },
  };
}

class ControllerDidNotStart extends Error {
  override readonly name = "ControllerDidNotStart";
  readonly exitCode: number | null;
  constructor(exitCode: number | null, said: string) {
    super(said);
    this.exitCode = exitCode;
  }
}

const end = (child: ChildProcess): boolean => child.exitCode === null && child.kill("SIGTERM");
