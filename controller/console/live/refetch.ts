/**
 * Turns notices into questions: every view that a notice concerns is asked for again.
 *
 * At most one round per `ROUND_EVERY_MS`, and the next begins only when the last has been answered, so that a fleet
 * that never stops changing cannot keep a slow controller busy for ever. No notice is forgotten meanwhile.
 */
import type { Query, QueryClient } from "@tanstack/react-query";
import type { Notice } from "../../../protocol/api.ts";
import { sleep } from "./sleep.ts";

const ROUND_EVERY_MS = 1_000;

/** What a view shows. Without `key` it shows all things of the topic. */
export interface Concern {
  readonly topic: Exclude<Notice["topic"], "reset">;
  readonly key?: string;
}

declare module "@tanstack/react-query" {
  interface Register {
    queryMeta: { readonly concerns: readonly Concern[] };
  }
}

function isConcerned(concerns: readonly Concern[], { topic, key }: Notice): boolean {
  if (topic === "reset") return true;
  return concerns.some((one) => one.topic === topic && (one.key === undefined || key === null || one.key === key));
}

export class Refetcher {
  readonly #client: QueryClient;
  readonly #signal: AbortSignal;
  #pending: Notice[] = [];
  #busy = false;

  constructor(client: QueryClient, signal: AbortSignal) {
    this.#client = client;
    this.#signal = signal;
  }

  take(notices: readonly Notice[]): void {
    this.#pending.push(...notices);
    if (!this.#busy) void this.#rounds();
  }

  async #rounds(): Promise<void> {
    this.#busy = true;
    while (this.#pending.length > 0 && !this.#signal.aborted) {
      const notices = this.#pending;
      this.#pending = [];
      const predicate = ({ meta }: Query): boolean =>
        notices.some((notice) => isConcerned(meta?.concerns ?? [], notice));
      await this.#client.invalidateQueries({ predicate }); // a question under way is asked anew: it may predate the notice
      await sleep(ROUND_EVERY_MS, this.#signal);
    }
    this.#busy = false;
  }
}
