/**
 * What is kept of a version under test: its evidence as logarithms, and the counts that people are shown. The evidence
 * E is the weighted mean of all its tests; a mean of e-values is one, so looking at many signals, lags and hardware
 * models needs no further correction.
 */
import { Baseline, type SavedWindow } from "./baseline.ts";
import { FACTORS, LAGS, logMixture, RATES } from "./control-test.ts";
import { Exposures } from "./exposures.ts";
import type { Blocks } from "./blocks.ts";
import { MINUTE_MS, SECOND_MS } from "./clock.ts";
import type { Columns } from "./columns.ts";
import { Ring, type SavedRing } from "./ring.ts";
import { SIGNALS, type VersionStanding } from "./types.ts";

export const BUGCHECK = 0;
export const RESTART = 1;
export const SILENCE = 2;
/** Restarts without a bugcheck are mostly people and power; silences mostly networks. */
const SIGNAL_WEIGHTS = [0.5, 0.12, 0.2] as const;
/** By each model's share of the fleet; without it a fault of one model in fourteen drowns among the others. */
const SUBGROUP_WEIGHT = 0.12;
const BASELINE_WEIGHT = 0.06;
/** Beyond this only the size of the number grows, and JSON has no infinity. */
const LOG_E_MAX = 690;

/** A crash is known some minutes later, when the machine is up again. */
const TAKEN_BIN_MS = 10 * SECOND_MS;
const TAKEN_BINS = 180;

export const coverageRing = (saved?: SavedRing): Ring => new Ring(MINUTE_MS, 60, saved);

interface Subgroup {
  /** Of the fleet, fixed when the model's first event came. */
  readonly share: number;
  readonly logs: Float64Array;
}

export interface SavedVersion {
  readonly number: number;
  readonly firstSeenAt: number;
  readonly share: number;
  readonly status: VersionStanding["status"];
  readonly eMax: number;
  readonly certainty: "act" | "propose" | null;
  readonly logs: readonly (readonly number[])[];
  readonly subgroups: readonly (readonly [number, number, readonly number[]])[];
  readonly baseline: readonly SavedWindow[];
  readonly baselineLog: number;
  readonly exposedEvents: readonly number[];
  readonly otherEvents: readonly number[];
  readonly exposedAffected: number;
  readonly seenAffected: number;
  readonly othersAffected: number;
  readonly sites: readonly number[];
  readonly recent: readonly SavedRing[];
  readonly taken: SavedRing;
  readonly lastEventAt: number;
  readonly dumpsFor: number;
  readonly dumpsElsewhere: number;
}

export class Version {
  readonly number: number;
  readonly firstSeenAt: number;
  readonly share: number;
  status: VersionStanding["status"];
  eMax: number;
  e = 1;
  because = "nothing speaks against it";
  /** Of its conviction; null: it is not convicted. */
  certainty: "act" | "propose" | null;
  /** By signal, then lag and rate. */
  readonly logs: readonly Float64Array[];
  readonly subgroups = new Map<number, Subgroup>();
  readonly baseline: Baseline;
  baselineLog: number;
  readonly exposures: Exposures;
  readonly exposedEvents: number[];
  readonly otherEvents: number[];
  exposedAffected: number;
  /** Of these, those that the controller saw fall silent. */
  seenAffected: number;
  othersAffected: number;
  readonly sites: Set<number>;
  readonly recent: readonly Ring[];
  /** Machines by when they took it, of the last while. */
  readonly #taken: Ring;
  /** When the last of the exposed failed. */
  lastEventAt: number;
  dumpsFor: number;
  dumpsElsewhere: number;
  /** Something happened since it was last judged. */
  isDirty = false;

  constructor(
    fresh: { readonly number: number; readonly firstSeenAt: number; readonly share: number } | SavedVersion,
    columns: Columns,
    blocks: Blocks,
  ) {
    const saved = "logs" in fresh ? fresh : undefined;
    this.number = fresh.number;
    this.firstSeenAt = fresh.firstSeenAt;
    this.share = fresh.share;
    this.status = saved?.status ?? "watched";
    this.eMax = saved?.eMax ?? 1;
    this.certainty = saved?.certainty ?? null;
    this.logs = SIGNALS.map((_, signal) => Float64Array.from(saved?.logs[signal] ?? new Float64Array(FACTORS)));
    for (const [model, share, logs] of saved?.subgroups ?? []) {
      this.subgroups.set(model, { share, logs: Float64Array.from(logs) });
    }
    this.baseline = new Baseline(fresh.firstSeenAt, saved?.baseline);
    this.baselineLog = saved?.baselineLog ?? 0;
    this.exposures = new Exposures(columns, blocks);
    this.exposedEvents = [...(saved?.exposedEvents ?? [0, 0, 0])];
    this.otherEvents = [...(saved?.otherEvents ?? [0, 0, 0])];
    this.exposedAffected = saved?.exposedAffected ?? 0;
    this.seenAffected = saved?.seenAffected ?? 0;
    this.othersAffected = saved?.othersAffected ?? 0;
    this.sites = new Set(saved?.sites);
    this.recent = SIGNALS.map((_, signal) => coverageRing(saved?.recent[signal]));
    this.#taken = new Ring(TAKEN_BIN_MS, TAKEN_BINS, saved?.taken);
    this.lastEventAt = saved?.lastEventAt ?? 0;
    this.dumpsFor = saved?.dumpsFor ?? 0;
    this.dumpsElsewhere = saved?.dumpsElsewhere ?? 0;
  }

  noteTaken(now: number, writtenAt: number): void {
    this.#taken.add(writtenAt, 1);
    this.baseline.take(now, writtenAt);
  }

  /** How many had it when the last of them failed that is known: whoever took it since may fail yet. */
  exposedThen(now: number): number {
    const bins = Math.floor(now / TAKEN_BIN_MS) - Math.floor(this.lastEventAt / TAKEN_BIN_MS);
    return this.exposures.count - this.#taken.sum(now, Math.min(TAKEN_BINS, bins));
  }

  subgroup(model: number, share: number): Subgroup {
    let subgroup = this.subgroups.get(model);
    if (subgroup === undefined) {
      subgroup = { share, logs: new Float64Array(FACTORS) };
      this.subgroups.set(model, subgroup);
    }
    return subgroup;
  }

  /** Brings E in line with the logarithms. */
  weigh(hasLags: boolean): void {
    const parts = this.logs.map((logs, signal) => ({
      log: logMixture(logs, hasLags) + Math.log(SIGNAL_WEIGHTS[signal] as number),
      because: () => `${SIGNALS[signal] ?? ""}s of machines that took it (${strongest(logs)})`,
    }));
    let shares = 0;
    for (const [model, { share, logs }] of this.subgroups) {
      shares += share;
      const log = logMixture(logs, hasLags) + Math.log(SUBGROUP_WEIGHT * share);
      parts.push({ log, because: () => `bugchecks of one hardware model (number ${model}; ${strongest(logs)})` });
    }
    // Models without an event yet stand at 1.
    parts.push({
      log: Math.log(SUBGROUP_WEIGHT * Math.max(0, 1 - shares)),
      because: () => "nothing speaks against it",
    });
    parts.push({
      log: this.baselineLog + Math.log(BASELINE_WEIGHT),
      because: () => "bugchecks after taking it against the usual rate",
    });
    const leading = parts.reduce((most, part) => (part.log > most.log ? part : most));
    const sum = parts.reduce((total, { log }) => total + Math.exp(log - leading.log), 0);
    this.e = Math.exp(Math.min(LOG_E_MAX, leading.log + Math.log(sum)));
    this.eMax = Math.max(this.eMax, this.e);
    this.because = this.e > 2 ? leading.because() : "nothing speaks against it";
  }

  /** The evidence of one signal alone. */
  evidence(signal: number, hasLags: boolean): number {
    return Math.exp(Math.min(LOG_E_MAX, logMixture(this.logs[signal] ?? new Float64Array(FACTORS), hasLags)));
  }

  /** The signal that says most. */
  leadingSignal(hasLags: boolean): number {
    const logs = this.logs.map((of, signal) => logMixture(of, hasLags) + Math.log(SIGNAL_WEIGHTS[signal] as number));
    return logs.indexOf(Math.max(...logs));
  }

  /** What spoke against it is explained by another version, so it begins anew; what speaks for it stays. */
  restart(): void {
    for (const logs of [...this.logs, ...[...this.subgroups.values()].map((group) => group.logs)]) {
      for (let i = 0; i < logs.length; i++) logs[i] = Math.min(0, logs[i] as number);
    }
    this.baseline.restart();
    for (const ring of this.recent) ring.clear();
    this.sites.clear();
    this.baselineLog = Math.min(0, this.baselineLog);
    this.isDirty = true;
  }

  save(): SavedVersion {
    return {
      number: this.number,
      firstSeenAt: this.firstSeenAt,
      share: this.share,
      status: this.status,
      eMax: this.eMax,
      certainty: this.certainty,
      logs: this.logs.map((logs) => [...logs]),
      subgroups: [...this.subgroups].map(([model, { share, logs }]) => [model, share, [...logs]] as const),
      baseline: this.baseline.save(),
      baselineLog: this.baselineLog,
      exposedEvents: this.exposedEvents,
      otherEvents: this.otherEvents,
      exposedAffected: this.exposedAffected,
      seenAffected: this.seenAffected,
      othersAffected: this.othersAffected,
      sites: [...this.sites],
      recent: this.recent.map((ring) => ring.save()),
      taken: this.#taken.save(),
      lastEventAt: this.lastEventAt,
      dumpsFor: this.dumpsFor,
      dumpsElsewhere: this.dumpsElsewhere,
    };
  }
}

/** Which meaning of "exposed" says most. */
function strongest(logs: Float64Array): string {
  const most = logs.indexOf(Math.max(...logs));
  const lag = LAGS[Math.floor(most / RATES.length)] ?? LAGS[0];
  return lag === "ever" ? "at any time before" : `${lag} before`;
}
