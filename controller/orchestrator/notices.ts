/**
 * Tells listeners that something changed; they ask for it again. Notices are hints, held in memory only: whoever missed
 * some is told to ask for everything.
 */
import type { Notice } from "../../protocol/api.ts";
import type { StreamId } from "../../protocol/ids.ts";

/** A browser that was away longer than this many notices asks for everything anyway. */
const KEPT_MAX = 1_000;

export class Notices {
  private readonly kept: Notice[] = [];
  private readonly listeners = new Set<(notice: Notice) => void>();
  private readonly stream: StreamId;
  private count = 0;

  /** `stream` names this life of the process, so that ids of a former one are recognised as such. */
  constructor(stream: StreamId) {
    this.stream = stream;
  }

  publish(topic: Notice["topic"], key: string | null = null): void {
    this.count += 1;
    const notice: Notice = { id: this.idOf(this.count), topic, key };
    this.kept.push(notice);
    if (this.kept.length > KEPT_MAX) this.kept.shift();
    for (const listener of this.listeners) listener(notice);
  }

  listen(call: (notice: Notice) => void): () => void {
    this.listeners.add(call);
    return () => this.listeners.delete(call);
  }

  /** What was published after `id`; a single reset if that is not remembered. */
  after(id: string | undefined): { readonly items: readonly Notice[]; readonly last: string } {
    const last = this.idOf(this.count);
    if (id === last) return { items: [], last };
    const index = this.kept.findIndex((notice) => notice.id === id);
    if (index < 0) return { items: [{ id: last, topic: "reset", key: null }], last };
    return { items: this.kept.slice(index + 1), last };
  }

  private idOf(count: number): string {
    return `${this.stream}-${count}`;
  }
}
