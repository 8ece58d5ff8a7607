/**
 * Reports that come in while something else is measured: at an even pace, a batch as soon as the one before is durable,
 * and the reader of the change feed woken after each, as the gateway does it.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Bus } from "../../../controller/ports.ts";
import type { Store } from "../../../controller/store.ts";
import type { IngestReport } from "../../../controller/store/reports.ts";
import type { StreamId } from "../../../protocol/ids.ts";

/** A report of each of a million devices in some eight minutes: boots of a bad morning. */
const REPORTS_PER_SECOND = 2_000;

export class Ingesting implements AsyncDisposable {
  readonly #batchOf: (size: number) => readonly IngestReport[];
  #stopped = false;
  readonly #ended: Promise<void>;
  stored = 0;

  constructor(
    { store, bus, stream }: { readonly store: Store; readonly bus: Bus; readonly stream: StreamId },
    batchOf: (size: number) => readonly IngestReport[],
  ) {
    this.#batchOf = batchOf;
    this.#ended = this.#run(async (batch) => {
      await store.ingest(stream, batch, []);
      bus.feedGrew();
    });
  }

  async #run(store: (batch: readonly IngestReport[]) => Promise<void>): Promise<void> {
    const startedAt = performance.now();
    while (!this.#stopped) {
      const due = Math.floor(((performance.now() - startedAt) * REPORTS_PER_SECOND) / 1_000) - this.stored;
      if (due > 0) await store(this.#batchOf(due));
      this.stored += Math.max(0, due);
      await sleep(1);
    }
  }

  /** Resolves when nothing more comes in. */
  async end(): Promise<void> {
    this.#stopped = true;
    await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }
}
