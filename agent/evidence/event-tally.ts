/**
 * Counts the records of a log as they come by, and keeps of them only what tells of boots.
 *
 * Bounded: a hostile log can make neither the counts nor the list of losses grow without end.
 */
import { BootFold } from "./boot-fold.ts";
import type { EventRecord } from "./event-record.ts";

export interface EventCount {
  readonly provider: string;
  readonly eventId: number;
  readonly count: number;
}

/** A real log has a few hundred different events. */
const KINDS_MAX = 5_000;
const REASONS_MAX = 100;

export class EventTally {
  #channel: string | null = null;
  #records = 0;
  #recovered = 0;
  #lost = 0;
  #uncounted = 0;
  #unsaid = 0;
  readonly #lostBecause: string[] = [];
  readonly #counts = new Map<string, { readonly provider: string; readonly eventId: number; count: number }>();
  readonly #boots = new BootFold();

  add(record: EventRecord): void {
    this.#records++;
    this.#channel ??= record.channel && copyOf(record.channel);
    this.#boots.add(record);
    const key = `${record.eventId} ${record.provider}`;
    const known = this.#counts.get(key);
    if (known !== undefined) known.count++;
    else if (this.#counts.size < KINDS_MAX)
      this.#counts.set(copyOf(key), { provider: copyOf(record.provider), eventId: record.eventId, count: 1 });
    else this.#uncounted++;
  }

  recover(records: number): void {
    this.#recovered += records;
  }

  /** @param records how many, as far as that is known: 0 if only what happened is known */
  lose(records: number, because: string): void {
    this.#lost += records;
    if (this.#lostBecause.length < REASONS_MAX) this.#lostBecause.push(because);
    else this.#unsaid++;
  }

  log() {
    const { boots, dropped } = this.#boots.end();
    const because = [...this.#lostBecause];
    if (this.#unsaid > 0) because.push(`and ${this.#unsaid} more such losses`);
    if (this.#uncounted > 0) because.push(`${this.#uncounted} records of further kinds are not in the counts by event`);
    if (dropped > 0) because.push(`only the newest boots are listed: ${dropped} older marks of boots are left out`);
    return {
      kind: "event-log" as const,
      channel: this.#channel,
      records: this.#records,
      recovered: this.#recovered,
      lost: this.#lost,
      lostBecause: because,
      counts: [...this.#counts.values()].sort(byProvider),
      boots,
    };
  }
}

/** A text cut out of a longer one keeps all of it in memory. */
const copyOf = (text: string): string => Array.from(text).join("");

function byProvider(a: EventCount, b: EventCount): number {
  if (a.provider !== b.provider) return a.provider < b.provider ? -1 : 1;
  return a.eventId - b.eventId;
}
