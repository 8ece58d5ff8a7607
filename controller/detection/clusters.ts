/**
 * Events of one signal and place within five minutes are one observation. Machines of a site fail together for reasons
 * of their own (a power cut, a bad cable, a patch evening), and a site often took the newest version together as well;
 * counted one by one, one such evening convicts an innocent. The factor of a cluster is the running arithmetic mean of
 * its events' factors: an average of e-values is an e-value under any dependence between them.
 */
import { type Evidence, FACTORS } from "./control-test.ts";
import { TENTHS_A_DAY, TENTHS_A_MINUTE } from "./clock.ts";

const CLUSTER_TENTHS = 5 * TENTHS_A_MINUTE;
/** What happened longer ago when it becomes known belongs to no test any more. */
export const EVIDENCE_TENTHS = 3 * TENTHS_A_DAY;
const PLACES = 0x1_00_00_00_00;

/** What a version, or one of its subgroups, has of a cluster. */
export interface Share {
  readonly key: number;
  /** The events whose factors are in `sums`; the cluster's other events have factor 1. */
  counted: number;
  readonly sums: Float64Array;
  /** Logarithms of the means that are multiplied into the evidence now. */
  readonly logs: Float64Array;
  /** Bugchecks that the baseline has counted. */
  capped: number;
}

export interface Cluster {
  readonly signal: number;
  readonly place: number;
  readonly startedAt: number;
  /** By hardware model, 0 for all: the mean runs over the events of that group. */
  readonly events: Map<number, number>;
  readonly shares: Map<number, Share>;
}

export interface SavedCluster {
  readonly signal: number;
  readonly place: number;
  readonly startedAt: number;
  readonly events: readonly (readonly [model: number, events: number])[];
  readonly shares: readonly (readonly [
    key: number,
    counted: number,
    capped: number,
    sums: readonly number[],
    logs: readonly number[],
  ])[];
}

/** @returns the key of a version's share, or of its subgroup's; model 0: all machines */
export const shareKey = (version: number, model: number): number => version * 65_536 + model;
export const versionOfShare = (key: number): number => Math.floor(key / 65_536);
export const modelOfShare = (key: number): number => key % 65_536;

export class Clusters {
  readonly #byPlace = new Map<number, Cluster[]>();

  constructor(saved: readonly SavedCluster[] = []) {
    for (const { signal, place, startedAt, events, shares } of saved) {
      const restored = shares.map(
        ([key, counted, capped, sums, logs]) =>
          [key, { key, counted, capped, sums: Float64Array.from(sums), logs: Float64Array.from(logs) }] as const,
      );
      this.#listOf(signal, place).push({
        signal,
        place,
        startedAt,
        events: new Map(events),
        shares: new Map(restored),
      });
    }
  }

  /** The cluster of an event, a new one if need be. Found by when it happened: late reports join theirs. */
  of(signal: number, place: number, at: number): Cluster {
    const clusters = this.#listOf(signal, place);
    const found = clusters.findLast(({ startedAt }) => Math.abs(at - startedAt) < CLUSTER_TENTHS);
    if (found !== undefined) return found;
    const cluster = {
      signal,
      place,
      startedAt: at,
      events: new Map<number, number>(),
      shares: new Map<number, Share>(),
    };
    clusters.push(cluster);
    return cluster;
  }

  prune(now: number): void {
    for (const [key, clusters] of this.#byPlace) {
      const kept = clusters.filter(({ startedAt }) => now - startedAt <= EVIDENCE_TENTHS);
      if (kept.length === 0) this.#byPlace.delete(key);
      else if (kept.length < clusters.length) this.#byPlace.set(key, kept);
    }
  }

  /** A version's evidence begins anew, so what clusters have of it must not be taken out of it later. */
  forget(version: number): void {
    for (const cluster of this.#all()) {
      for (const key of cluster.shares.keys()) if (versionOfShare(key) === version) cluster.shares.delete(key);
    }
  }

  save(): SavedCluster[] {
    return [...this.#all()].map(({ signal, place, startedAt, events, shares }) => ({
      signal,
      place,
      startedAt,
      events: [...events],
      shares: [...shares.values()].map(
        ({ key, counted, capped, sums, logs }) => [key, counted, capped, [...sums], [...logs]] as const,
      ),
    }));
  }

  *#all(): Iterable<Cluster> {
    for (const clusters of this.#byPlace.values()) yield* clusters;
  }

  #listOf(signal: number, place: number): Cluster[] {
    const key = signal * PLACES + place;
    let clusters = this.#byPlace.get(key);
    if (clusters === undefined) {
      clusters = [];
      this.#byPlace.set(key, clusters);
    }
    return clusters;
  }
}

export function shareOf(cluster: Cluster, key: number): Share {
  let share = cluster.shares.get(key);
  if (share === undefined) {
    share = { key, counted: 0, sums: new Float64Array(FACTORS), logs: new Float64Array(FACTORS), capped: 0 };
    cluster.shares.set(key, share);
  }
  return share;
}

export function addFactors(share: Share, factors: Float64Array): void {
  share.counted++;
  for (let i = 0; i < FACTORS; i++) share.sums[i] = (share.sums[i] as number) + (factors[i] as number);
}

/** Brings the evidence in line with the cluster's mean after an event joined it. */
export function settle(share: Share, events: number, evidence: Evidence): void {
  const { sums, logs, counted } = share;
  for (let i = 0; i < FACTORS; i++) {
    const sum = sums[i] as number;
    const log = sum === counted ? 0 : Math.log((sum + events - counted) / events);
    const old = logs[i] as number;
    if (log === old) continue;
    evidence.replace(i, old, log);
    logs[i] = log;
  }
}
