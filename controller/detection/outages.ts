/**
 * Places that fell silent at once: a power cut, a broken uplink, a gateway that restarts. Its machines did nothing, so
 * their silences, and the restarts that follow a power cut, are void whatever the machines' exposure. Without this one
 * outage at a site that had just been updated convicts the update. Bugchecks are never voided: no outage makes one.
 */
import { grown } from "./arrays.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "./clock.ts";

const BIN_MS = 15 * SECOND_MS;
const BINS = 32;
/** Within two minutes. */
const WINDOW_BINS = 8;
/** What fits into the window may be dated so much apart from what caused it. */
const MARGIN_MS = 2 * MINUTE_MS;
/** It is over when so many of those that were there are back, or after so long. */
const BACK_SHARE = 0.6;
const LONGEST_MS = 12 * HOUR_MS;
const KEPT = 8;

interface Limits {
  readonly share: number;
  readonly machinesMin: number;
}
/**
 * A gateway or a site: two in five; a segment: every second. The gateways of a small fleet hold too few machines for a
 * hundred to be two in five of them, and each of their restarts would be a silence of unknown cause.
 */
const LIMITS = {
  site: { share: 0.4, machinesMin: 4 },
  gateway: { share: 0.4, machinesMin: 10 },
  segment: { share: 0.5, machinesMin: 4 },
} as const satisfies Record<string, Limits>;

export interface Outage {
  readonly from: number;
  /** The last machines that fell silent with the others. */
  lastDropAt: number;
  /** Null: it goes on. */
  to: number | null;
  readonly machines: number;
}

const ONLINE = 0;
const HEAD = 1;
const DROPS = 2;
const COUNTS = 4;

class Group {
  readonly #limits: Limits;
  /** Of each: machines online, the newest bin, and drops in all bins. */
  #counts = new Uint32Array(0);
  #bins = new Uint16Array(0);
  #startBin = Number.NaN;
  readonly outages: Map<number, Outage[]>;

  constructor(limits: Limits, outages: Iterable<readonly [number, Outage[]]>) {
    this.#limits = limits;
    this.outages = new Map(outages);
  }

  come(number: number, at: number): void {
    this.#counts = grown(this.#counts, (number + 1) * COUNTS);
    const online = this.#add(number, ONLINE, 1);
    const last = this.outages.size === 0 ? undefined : this.outages.get(number)?.at(-1);
    if (last?.to === null && online >= BACK_SHARE * last.machines) last.to = at;
  }

  leave(number: number): void {
    if (this.#count(number, ONLINE) > 0) this.#add(number, ONLINE, -1);
  }

  get inUse(): number {
    let used = 0;
    for (let at = ONLINE; at < this.#counts.length; at += COUNTS) used += Number((this.#counts[at] as number) > 0);
    return used;
  }

  /** A machine of it, which has left, fell silent at `at`. */
  drop(number: number, at: number): void {
    if (Number.isNaN(this.#startBin)) this.#startBin = Math.floor(at / BIN_MS) - 1_000_000;
    this.#counts = grown(this.#counts, (number + 1) * COUNTS);
    this.#bins = grown(this.#bins, (number + 1) * BINS);
    const bin = Math.max(1, Math.floor(at / BIN_MS) - this.#startBin);
    const head = this.#count(number, HEAD);
    const base = number * BINS;
    let drops = this.#count(number, DROPS);
    if (bin > head) {
      // Where nothing dropped for long, as in most places, all bins are empty.
      for (let next = Math.max(head + 1, bin - BINS + 1); drops > 0 && next <= bin; next++) {
        drops -= this.#bins[base + (next % BINS)] as number;
        this.#bins[base + (next % BINS)] = 0;
      }
      this.#add(number, HEAD, bin - head);
    } else if (bin <= head - BINS) return;
    const place = base + (bin % BINS);
    if ((this.#bins[place] as number) < 65_535) {
      this.#bins[place] = (this.#bins[place] as number) + 1;
      drops++;
    }
    this.#counts[number * COUNTS + DROPS] = drops;
    if (this.#isTooMany(number, drops)) this.#judge(number, bin, Math.max(bin, head), at);
  }

  /** Do so many drops make an outage? */
  #isTooMany(number: number, drops: number): boolean {
    const { share, machinesMin } = this.#limits;
    return drops >= machinesMin && drops >= share * (this.#count(number, ONLINE) + drops);
  }

  /** Does any window of two minutes around the drop hold too many? */
  #judge(number: number, bin: number, head: number, at: number): void {
    const base = number * BINS;
    const oldest = Math.max(1, bin - WINDOW_BINS + 1, head - BINS + 1);
    const newest = Math.min(head, bin + WINDOW_BINS - 1);
    let sum = 0;
    let most = 0;
    for (let next = oldest; next <= newest; next++) {
      sum += this.#bins[base + (next % BINS)] as number;
      const gone = next - WINDOW_BINS;
      if (gone >= oldest) sum -= this.#bins[base + (gone % BINS)] as number;
      if (sum > most) most = sum;
    }
    if (!this.#isTooMany(number, most)) return;
    const known = this.outages.get(number) ?? [];
    const last = known.at(-1);
    if (last !== undefined && last.from - MARGIN_MS <= at && at <= last.lastDropAt + MARGIN_MS) {
      last.lastDropAt = Math.max(last.lastDropAt, at);
      return;
    }
    const from = (oldest + this.#startBin) * BIN_MS;
    const machines = this.#count(number, ONLINE) + most;
    this.outages.set(number, [...known.slice(1 - KEPT), { from, lastDropAt: at, to: null, machines }]);
  }

  #count(number: number, which: number): number {
    return this.#counts[number * COUNTS + which] as number;
  }

  #add(number: number, which: number, by: number): number {
    const count = this.#count(number, which) + by;
    this.#counts[number * COUNTS + which] = count;
    return count;
  }
}

/** Where a machine stands when it leaves. */
export interface Place {
  readonly site: number;
  readonly gateway: number;
  readonly segment: number;
}

export interface SavedOutages {
  readonly site: readonly (readonly [number, Outage[]])[];
  readonly gateway: readonly (readonly [number, Outage[]])[];
  readonly segment: readonly (readonly [number, Outage[]])[];
  readonly deaf: readonly Deaf[];
}
/** The controller, or a gateway of it, did not listen. */
interface Deaf {
  readonly from: number;
  readonly to: number;
  readonly gateway: number | null;
}

export class Outages {
  readonly #site: Group;
  readonly #gateway: Group;
  readonly #segment: Group;
  readonly #deaf: Deaf[];

  constructor(saved?: SavedOutages) {
    this.#site = new Group(LIMITS.site, saved?.site ?? []);
    this.#gateway = new Group(LIMITS.gateway, saved?.gateway ?? []);
    this.#segment = new Group(LIMITS.segment, saved?.segment ?? []);
    this.#deaf = [...(saved?.deaf ?? [])];
  }

  come(place: Place, at: number): void {
    this.#site.come(place.site, at);
    this.#gateway.come(place.gateway, at);
    if (place.segment > 0) this.#segment.come(place.segment, at);
  }

  leave(place: Place): void {
    this.#site.leave(place.site);
    this.#gateway.leave(place.gateway);
    if (place.segment > 0) this.#segment.leave(place.segment);
  }

  drop(place: Place, at: number): void {
    this.#site.drop(place.site, at);
    this.#gateway.drop(place.gateway, at);
    if (place.segment > 0) this.#segment.drop(place.segment, at);
  }

  /** Gateways that somebody is connected to. */
  get gatewaysInUse(): number {
    return this.#gateway.inUse;
  }

  noteDeaf(from: number, to: number, gateway: number | null): void {
    this.#deaf.push({ from, to, gateway });
    if (this.#deaf.length > 256) this.#deaf.shift();
  }

  /** Nobody listened then, so whatever seems to have happened did not, or nobody knows to whom else it could have. */
  wasDeaf(from: number, to: number, gateway: number): boolean {
    return this.#deaf.some(
      (deaf) => deaf.from <= to && from <= deaf.to && (deaf.gateway === null || deaf.gateway === gateway),
    );
  }

  /** A restart is void if its place fell silent within two minutes of it. */
  voidsRestart(place: Place, at: number): boolean {
    return this.#some(place, ({ from, lastDropAt }) => from - MARGIN_MS <= at && at <= lastDropAt + MARGIN_MS);
  }

  /** A silence is void if its place was out at any time from when it was last heard until it should have been back. */
  voidsSilence(place: Place, from: number, to: number): boolean {
    return this.#some(
      place,
      (outage) => outage.from - MARGIN_MS <= to && from <= Math.min(outage.to ?? Infinity, outage.from + LONGEST_MS),
    );
  }

  save(): SavedOutages {
    return {
      site: [...this.#site.outages],
      gateway: [...this.#gateway.outages],
      segment: [...this.#segment.outages],
      deaf: this.#deaf,
    };
  }

  #some({ site, gateway, segment }: Place, is: (outage: Outage) => boolean): boolean {
    const found = (group: Group, number: number): boolean =>
      group.outages.size > 0 && (group.outages.get(number)?.some(is) ?? false);
    return found(this.#site, site) || found(this.#gateway, gateway) || (segment > 0 && found(this.#segment, segment));
  }
}
