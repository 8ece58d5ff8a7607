/** The clock of the fake and its notices. Both are counted: every notice and every id takes the clock on a second. */
import type { Notice } from "../../../protocol/api.ts";
import { at, type Instant, later } from "../../../protocol/time.ts";

export const STARTED_AT = at("2026-11-20T09:00:00Z");
const NOTICES_KEPT = 100;

export class FakeNotices {
  protected count = 0;
  private readonly listeners = new Set<(notice: Notice) => void>();
  private readonly remembered: Notice[] = [];

  /** How many listen for notices now. */
  get listening(): number {
    return this.listeners.size;
  }

  /** The clock goes on by a second whenever something happens. */
  now(): Instant {
    return later(STARTED_AT, this.count * 1_000);
  }

  /** Says that something changed. */
  notify(topic: Notice["topic"], key: string | null): Notice {
    const notice: Notice = { id: `n${++this.count}`, topic, key };
    this.remembered.push(notice);
    if (this.remembered.length > NOTICES_KEPT) this.remembered.shift();
    for (const listener of this.listeners) listener(notice);
    return notice;
  }

  onNotice(call: (notice: Notice) => void): () => void {
    this.listeners.add(call);
    return () => this.listeners.delete(call);
  }

  /** As the real one: only a `reset` where the id is forgotten. */
  noticesAfter(id: string | undefined): { readonly items: readonly Notice[]; readonly last: string } {
    const last = this.remembered.at(-1)?.id ?? "n0";
    if (id === last) return { items: [], last };
    const index = this.remembered.findIndex((notice) => notice.id === id);
    return index >= 0
      ? { items: this.remembered.slice(index + 1), last }
      : { items: [{ id: last, topic: "reset", key: null }], last };
  }
}
