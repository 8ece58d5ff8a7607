/** Runs `test/lab/drill.ts` as a person would, in a temporary folder of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const DRILL = fileURLToPath(new URL("../lab/drill.ts", import.meta.url));

export interface DrillRun extends Disposable {
  readonly child: ChildProcess;
  readonly folder: string;
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
  /** What the terminal does: the signal goes to the whole process group. */
  pressCtrlC(): void;
  /** Resolves when the drill has printed a line with this in it. */
  line(text: string): Promise<void>;
}

export function startDrill(...args: string[]): DrillRun {
  const folder = mkdtempSync(join(tmpdir(), "ringback-drill-test-"));
  const child = spawn(process.execPath, [DRILL, ...args], {
    env: { ...process.env, TMPDIR: folder },
    detached: true, // a process group of its own, as a shell would give it
  });
  const printed: string[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    printed.push(line);
    for (const look of waiting) look();
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = once(child, "close").then(([code]) => {
    return { code: code as number | null, stdout: printed.join("\n"), stderr };
  });
  return {
    child,
    folder,
    ended,
    pressCtrlC() {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGINT");
    },
    line: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!printed.some((line) => line.includes(text))) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
        void ended.then(({ code }) => {
          reject(new Error(`the drill ended with code ${code} and never said "${text}":\n${stderr}`));
        });
      }),
    [Symbol.dispose]() {
      child.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Command lines of processes that still work in a folder. Linux only. */
export function processesIn(folder: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const commandLine = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
        return commandLine.includes(folder) ? [commandLine] : [];
      } catch {
        return []; // it has ended meanwhile
      }
    });
}
