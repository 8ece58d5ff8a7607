/**
 * Programs that the lab starts, and the promise that none of them outlives it.
 *
 * Ends only what it started. A drill that is killed outright cannot keep the promise itself, so a small watcher process
 * holds the other end of a pipe: when the pipe breaks, it ends what is left.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface Program {
  readonly pid: number;
  /** Resolves when the process is gone, with its exit code, or null if a signal ended it. Never rejects. */
  readonly ended: Promise<number | null>;
  /** At once, as a crash would: nothing is flushed, nobody is told. */
  kill(): void;
  /** Says a line to it; only to a program that takes lines. */
  tell(line: string): void;
  /** Asks first, and kills what has not ended after `graceMs` (of the wall). */
  stop(graceMs: number): Promise<void>;
}

/** A program of ours to run. */
export interface StartOptions {
  readonly args: readonly string[];
  /** What the program prints goes here, appended. */
  readonly logFile: string;
  /** Takes standard output line by line; it does not go to the log then. */
  readonly onLine?: (line: string) => void;
  readonly environment?: Readonly<Record<string, string>>;
  /** It is told what to do, line by line. */
  readonly takesLines?: true;
}

const STOP_GRACE_MS = 10_000;

/** Every process that the lab started and that has not ended. */
export class Programs {
  readonly #running = new Map<number, ChildProcess>();
  readonly #watcher: ChildProcess;

  constructor() {
    this.#watcher = spawn(process.execPath, [fileURLToPath(new URL("watcher.ts", import.meta.url))], {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true, // a Ctrl-C in the terminal must not end it first
    });
    this.#watcher.on("error", () => undefined);
    this.#watcher.stdin?.on("error", () => undefined);
    this.#watcher.unref();
  }

  /** Starts Node on a program. @throws if the process cannot be started */
  start({ args, logFile, onLine, environment, takesLines }: StartOptions): Program {
    const log = openSync(logFile, "a");
    const child = spawn(process.execPath, args, {
      stdio: [takesLines === true ? "pipe" : "ignore", onLine === undefined ? log : "pipe", log],
      env: { ...process.env, ...environment },
      detached: true, // a Ctrl-C in the terminal is for the drill, which ends them in good order
    });
    closeSync(log);
    child.stdin?.on("error", () => undefined); // its end is for whoever asks
    child.on("error", () => undefined); // a start that failed has no pid; a signal that failed has an exit to come
    const { pid } = child;
    if (pid === undefined) throw new Error(`could not start ${args.join(" ")}`);
    if (child.stdout !== null && onLine !== undefined) createInterface({ input: child.stdout }).on("line", onLine);
    const ended = new Promise<number | null>((resolve) => {
      child.once("exit", (code) => {
        this.#running.delete(pid);
        this.#tellWatcher(`-${pid}`);
        resolve(code);
      });
    });
    this.#running.set(pid, child);
    this.#tellWatcher(`+${pid}`);
    return {
      pid,
      ended,
      kill: () => {
        child.kill("SIGKILL");
      },
      tell: (line) => {
        child.stdin?.write(`${line}\n`);
      },
      stop: async (graceMs) => {
        child.kill("SIGTERM");
        const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
        await ended;
        clearTimeout(timer);
      },
    };
  }

  /** Asks everything to end, and waits until it has. */
  async stopAll(graceMs = STOP_GRACE_MS): Promise<void> {
    const children = [...this.#running.values()];
    const gone = children.map((child) => new Promise((resolve) => child.once("exit", resolve)));
    for (const child of children) child.kill("SIGTERM");
    const timer = setTimeout(() => {
      this.killAll();
    }, graceMs);
    await Promise.all(gone);
    clearTimeout(timer);
    this.killAll();
  }

  /** Ends everything at once. Call it in every way out. */
  killAll(): void {
    for (const child of this.#running.values()) child.kill("SIGKILL");
    this.#watcher.stdin?.end();
  }

  #tellWatcher(line: string): void {
    this.#watcher.stdin?.write(`${line}\n`);
  }
}
