/** A thread that holds a SQLite file (`sqlite-worker.ts`), as seen from the one that uses it. */
import { Worker } from "node:worker_threads";
import { storeFailed } from "./failures.ts";
import { type Answer, type Call, fromMessage, type Open } from "./sqlite-rpc.ts";
import type { Method } from "./store-methods.ts";

/** What a batch needs lives for milliseconds; without a bound its garbage takes tens of megabytes that nobody gives back. */
const LIMITS = { maxYoungGenerationSizeMb: 8 } as const;

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class DatabaseThread {
  readonly #worker = new Worker(new URL("./sqlite-worker.ts", import.meta.url), { resourceLimits: LIMITS });
  readonly #waiting = new Map<number, Waiting>();
  #messages = 0;
  #ended: Error | undefined;

  constructor() {
    this.#worker.on("message", (answer: Answer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if (answer.kind === "result") waiting?.resolve(answer.result);
      else waiting?.reject(fromMessage(answer.error));
    });
    this.#worker.on("error", (error) => this.#end(error));
    this.#worker.on("exit", () => this.#end(undefined));
  }

  async open(file: string, mode: "write" | "read"): Promise<void> {
    await this.#send((id) => ({ kind: "open", id, file, readonly: mode === "read" }));
  }

  call(method: Method, args: readonly unknown[]): Promise<unknown> {
    return this.#send((id) => ({ kind: "call", id, method, args }));
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  #send(messageOf: (id: number) => Open | Call): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) return reject(this.#ended);
      const id = ++this.#messages;
      this.#worker.postMessage(messageOf(id));
      this.#waiting.set(id, { resolve, reject });
    });
  }

  /** Whoever still waits is told; what was under way may or may not be on the disk. */
  #end(cause: unknown): void {
    this.#ended ??= storeFailed("unexpected", cause);
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}
