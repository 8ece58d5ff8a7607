/**
 * A small fleet in which things happen at times, told to a detector as a controller would tell them. Everything comes
 * from one seed.
 */
import { createDetector } from "../../controller/detection/detector.ts";
import type {
  Detector,
  DetectorSettings,
  DeviceFacts,
  Finding,
  VersionStanding,
} from "../../controller/detection/types.ts";

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A Wednesday, noon UTC. */
const NOON = Date.UTC(2026, 5, 10, 12);

/** Mulberry32: small, and the same everywhere. */
function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface CrashSpec {
  readonly signal?: "bugcheck" | "restart";
  /** From the crash until it is online again and reports. */
  readonly downMs?: number;
  /** The version that its dump points at. */
  readonly pointsAt?: number;
  /** What the report states beyond what was told; null: nobody knows since when. */
  readonly content?: readonly { readonly version: number; readonly writtenAt: number | null }[];
  /** It only says so: its connection never broke. */
  readonly isLie?: boolean;
}

interface Happening {
  readonly at: number;
  readonly number: number;
  readonly happen: () => void;
}

const isBefore = (a: Happening, b: Happening): boolean => a.at < b.at || (a.at === b.at && a.number < b.number);

/** A binary heap, the next one first. */
class Agenda {
  readonly #heap: Happening[] = [];

  push(happening: Happening): void {
    const heap = this.#heap;
    let place = heap.length;
    heap.push(happening);
    while (place > 0) {
      const above = (place - 1) >> 1;
      const other = heap[above] as Happening;
      if (!isBefore(happening, other)) break;
      heap[place] = other;
      place = above;
    }
    heap[place] = happening;
  }

  takeUntil(time: number): Happening | undefined {
    const heap = this.#heap;
    const first = heap[0];
    if (first === undefined || first.at > time) return undefined;
    const last = heap.pop() as Happening;
    if (heap.length === 0) return first;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && isBefore(heap[below + 1] as Happening, heap[below] as Happening)) below++;
      const other = heap[below] as Happening;
      if (!isBefore(other, last)) break;
      heap[place] = other;
      place = below;
    }
    heap[place] = last;
    return first;
  }
}

export class DetectionWorld {
  detector: Detector;
  readonly facts: DeviceFacts[] = [];
  readonly findings: Finding[] = [];
  readonly settings: DetectorSettings;
  readonly random: () => number;
  now: number;
  readonly #taken = new Map<number, Map<number, number>>();
  readonly #queue = new Agenda();
  #count = 0;

  constructor(seed: number, settings: Partial<DetectorSettings> = {}, start = NOON) {
    this.settings = { alpha: 0.05, heartbeatMs: MINUTE, silenceMs: 10 * MINUTE, ...settings };
    this.detector = createDetector(this.settings);
    this.random = dice(seed);
    this.now = start;
  }

  /** @param factsOf what the nth new device is; always-on, one region, ten machines a site where it says nothing */
  fleet(size: number, factsOf: (n: number) => Partial<DeviceFacts> = () => ({})): number[] {
    return Array.from({ length: size }, (_, n) => {
      const facts: DeviceFacts = {
        site: Math.floor(n / 10),
        region: 1,
        segment: 0,
        os: 0,
        model: 0,
        class: "always-on",
        ...factsOf(n),
      };
      this.facts.push(facts);
      return this.detector.addDevice(facts);
    });
  }

  /** All of them come online now, and two hours pass. */
  settle(devices: readonly number[], hours = 2): void {
    for (const device of devices) this.detector.online(this.now, device, 0);
    this.run(this.now + hours * HOUR);
  }

  at(time: number, happen: () => void): void {
    this.#queue.push({ at: time, number: this.#count++, happen });
  }

  run(until: number): void {
    for (;;) {
      const next = this.#queue.takeUntil(until);
      if (next === undefined) break;
      this.now = Math.max(this.now, next.at);
      next.happen();
      this.#look();
    }
    this.now = until;
    this.#look();
  }

  version(): number {
    return this.detector.addVersion(this.now);
  }

  /** It takes the version now, and says so within a heartbeat. */
  take(device: number, version: number, delayMs = Math.floor(this.random() * this.settings.heartbeatMs * 0.9)): void {
    const writtenAt = this.now;
    this.remember(device, version, writtenAt);
    this.at(this.now + delayMs, () => this.detector.exposed(this.now, device, version, writtenAt));
  }

  remember(device: number, version: number, writtenAt: number): void {
    const versions = this.#taken.get(device) ?? new Map<number, number>();
    versions.set(version, writtenAt);
    this.#taken.set(device, versions);
  }

  /** It is not on its disk any more, and it says so. */
  lose(device: number, version: number): void {
    this.#taken.get(device)?.delete(version);
    this.detector.cleared(this.now, device, version);
  }

  /** Spread evenly over a time, in random order. */
  push(devices: readonly number[], version: number, overMs: number, then?: (device: number) => void): void {
    const order = this.shuffled(devices);
    for (const [place, device] of order.entries()) {
      this.at(this.now + Math.floor((overMs * place) / order.length), () => {
        this.take(device, version);
        then?.(device);
      });
    }
  }

  shuffled<T>(items: readonly T[]): T[] {
    const order = [...items];
    for (let i = order.length - 1; i > 0; i--) {
      const j = Math.floor(this.random() * (i + 1));
      [order[i], order[j]] = [order[j] as T, order[i] as T];
    }
    return order;
  }

  /** It dies now, and reports when it is back. */
  crash(device: number, spec: CrashSpec = {}): void {
    const crashedAt = this.now;
    const { signal = "bugcheck", downMs = 3 * MINUTE, pointsAt = null, content, isLie = false } = spec;
    const known = [...(this.#taken.get(device) ?? [])].map(([version, writtenAt]) => ({ version, writtenAt }));
    if (!isLie) this.drop(device);
    this.at(crashedAt + downMs, () => {
      if (!isLie) this.detector.online(this.now, device, 0);
      this.detector.crashed(this.now, device, { signal, crashedAt, content: content ?? known, pointsAt });
    });
  }

  /** It is not heard any more; after three pings the controller says so. */
  drop(device: number): void {
    const lastHeardAt = this.now;
    this.at(this.now + 40 * SECOND, () => this.detector.gone(this.now, device, "dropped", lastHeardAt));
  }

  back(device: number): void {
    this.detector.online(this.now, device, 0);
  }

  /** Everyday crashes of these machines at random times, so many a machine and day. */
  background(
    devices: readonly number[],
    aDay: number,
    forMs: number,
    signal: "bugcheck" | "restart" = "bugcheck",
  ): void {
    for (const device of devices) {
      let at = this.now;
      for (;;) {
        at += (-Math.log(1 - this.random()) / aDay) * DAY;
        if (at >= this.now + forMs) break;
        this.at(Math.floor(at), () => this.crash(device, { signal }));
      }
    }
  }

  get convicted(): number[] {
    return this.findings.flatMap((finding) =>
      finding.kind === "convicted" ? finding.standings.map(({ version }) => version) : [],
    );
  }

  of<K extends Finding["kind"]>(kind: K): Extract<Finding, { kind: K }>[] {
    return this.findings.filter((finding): finding is Extract<Finding, { kind: K }> => finding.kind === kind);
  }

  standing(version: number): VersionStanding {
    const found = this.detector.standing(version);
    if (found === undefined) throw new Error(`version ${version} is not known`);
    return found;
  }

  #look(): void {
    this.findings.push(...this.detector.advance(this.now));
  }
}
