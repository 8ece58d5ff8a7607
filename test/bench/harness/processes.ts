/**
 * Processes of a bench: servers under test and load clients, each asked by the name of a call and answering once.
 *
 * A child ends when its parent does, however that was: nothing of a bench outlives it.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** What a process can be asked: everything that crosses is structured-cloned. */
export type Calls<T> = { readonly [Name in keyof T]: (...args: never) => Promise<unknown> };

interface Request {
  readonly id: number;
  readonly name: string;
  readonly args: readonly unknown[];
}
type Answer =
  | { readonly id: number; readonly kind: "result"; readonly result: unknown }
  | { readonly id: number; readonly kind: "failed"; readonly because: string };

/** In the child: answers the parent. */
export function answerParent<T extends Calls<T>>(calls: T): void {
  const byName = calls as unknown as Readonly<Record<string, (...args: readonly unknown[]) => Promise<unknown>>>;
  const send = (answer: Answer): void => void process.send?.(answer);
  process.on("message", ({ id, name, args }: Request) => {
    const call = byName[name];
    if (call === undefined) throw new Error(`there is no call ${name}`);
    call(...args).then(
      (result) => send({ id, kind: "result", result }),
      (error: unknown) => send({ id, kind: "failed", because: error instanceof Error ? String(error.stack) : "?" }),
    );
  });
  process.on("disconnect", () => process.exit(0));
}

/** Names a folder into which every process writes its CPU profiles, one a thread. The figures of such a run mean little. */
const { RINGBACK_BENCH_PROFILES } = process.env;
const FLAGS = RINGBACK_BENCH_PROFILES === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${RINGBACK_BENCH_PROFILES}`];

export class BenchProcess<T extends Calls<T>> implements AsyncDisposable {
  readonly calls: T;
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, PromiseWithResolvers<unknown>>();
  private readonly exited: Promise<unknown>;
  private requests = 0;

  constructor(script: URL) {
    // Nothing that a child prints may get between the figures on stdout.
    const stdio = ["ignore", 2, 2, "ipc"] as const;
    this.child = fork(script, { execArgv: ["--expose-gc", ...FLAGS], serialization: "advanced", stdio: [...stdio] });
    this.exited = once(this.child, "exit");
    this.child.on("message", (answer: Answer) => {
      const waiting = this.waiting.get(answer.id);
      this.waiting.delete(answer.id);
      if (answer.kind === "result") waiting?.resolve(answer.result);
      else waiting?.reject(new Error(answer.because));
    });
    this.child.on("exit", (code, signal) => {
      const error = new Error(`${script.pathname} ended with ${signal ?? `code ${code}`}`);
      for (const { reject } of this.waiting.values()) reject(error);
      this.waiting.clear();
    });
    const call = (_: T, name: string | symbol) => {
      return (...args: readonly unknown[]): Promise<unknown> => this.ask(String(name), args);
    };
    this.calls = new Proxy({} as T, { get: call });
  }

  /** As a power cut would. */
  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    if (this.child.connected) this.child.disconnect();
    await this.exited;
  }

  private ask(name: string, args: readonly unknown[]): Promise<unknown> {
    const waiting = Promise.withResolvers<unknown>();
    const request: Request = { id: ++this.requests, name, args };
    this.waiting.set(request.id, waiting);
    this.child.send(request, (error) => {
      if (error !== null) waiting.reject(error);
    });
    return waiting.promise;
  }
}
