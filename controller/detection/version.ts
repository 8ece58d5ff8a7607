/**
 * What is kept of a version under test: its evidence as logarithms, and the counts that people are shown. The evidence
 * E is the weighted mean of all its tests; a mean of e-values is one, so looking at many signals, lags and hardware
 * models needs no further correction.
 */
import { Baseline, type SavedWindow } from "./baseline.ts";
import { Evidence, LAGS, LOG_E_MAX, RATES } from "./control-test.ts";
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
const E_MAX = Math.exp(LOG_E_MAX);
const NOTHING = "nothing speaks against it";

/** A crash is known some minutes later, when the machine is up again. */
const TAKEN_BIN_MS = 10 * SECOND_MS;
const TAKEN_BINS = 180;

export const coverageRing = (saved?: SavedRing): Ring => new Ring(MINUTE_MS, 60, saved);

interface Subgroup {
  /** Of the fleet, fixed when the model's first event came. */
  readonly share: number;
  readonly evidence: Evidence;
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
  readonly lastTakenAt: number;
  readonly comingsBefore: number;
  readonly earlyPerComing: number;
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
  /** Of its conviction; null: it is not convicted. */
  certainty: "act" | "propose" | null;
  readonly bySignal: readonly Evidence[];
  readonly subgroups = new Map<number, Subgroup>();
  readonly #hasLags: boolean;
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
  /** When a machine last told that it had taken it. */
  lastTakenAt: number;
  /** When the last of the exposed failed. */
  lastEventAt: number;
  dumpsFor: number;
  dumpsElsewhere: number;
  /** All comings of machines before it appeared, and the highest rate of early bugchecks since. */
  readonly #comingsBefore: number;
  #earlyPerComing: number;
  /** Something happened since it was last judged. */
  isDirty = false;

  constructor(
    fresh: Pick<SavedVersion, "number" | "firstSeenAt" | "share" | "comingsBefore"> | SavedVersion,
    columns: Columns,
    blocks: Blocks,
    hasLags: boolean,
  ) {
    const saved = "logs" in fresh ? fresh : undefined;
    this.number = fresh.number;
    this.firstSeenAt = fresh.firstSeenAt;
    this.share = fresh.share;
    this.status = saved?.status ?? "watched";
    this.eMax = saved?.eMax ?? 1;
    this.certainty = saved?.certainty ?? null;
    this.#hasLags = hasLags;
    this.bySignal = SIGNALS.map((_, signal) => new Evidence(hasLags, saved?.logs[signal]));
    for (const [model, share, logs] of saved?.subgroups ?? []) {
      this.subgroups.set(model, { share, evidence: new Evidence(hasLags, logs) });
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
    this.lastTakenAt = saved?.lastTakenAt ?? fresh.firstSeenAt;
    this.lastEventAt = saved?.lastEventAt ?? 0;
    this.#comingsBefore = fresh.comingsBefore;
    this.#earlyPerComing = saved?.earlyPerComing ?? 0;
    this.dumpsFor = saved?.dumpsFor ?? 0;
    this.dumpsElsewhere = saved?.dumpsElsewhere ?? 0;
  }

  noteTaken(now: number, writtenAt: number): void {
    this.#taken.add(writtenAt, 1);
    this.lastTakenAt = now;
    this.baseline.take(now, writtenAt);
  }

  /** Bugchecks that are usual for the comings since it appeared. */
  earlyUsually(comings: number, perComing: number): number {
    this.#earlyPerComing = Math.max(this.#earlyPerComing, perComing);
    return (comings - this.#comingsBefore) * this.#earlyPerComing;
  }

  /** How many had it when the last of them failed that is known: whoever took it since may fail yet. */
  exposedThen(now: number): number {
    const bins = Math.floor(now / TAKEN_BIN_MS) - Math.floor(this.lastEventAt / TAKEN_BIN_MS);
    return this.exposures.count - this.#taken.sum(now, Math.min(TAKEN_BINS, bins));
  }

  /** Of one hardware model. @param share of the fleet, where its first event comes now; what is left where the fleet grew */
  subgroup(model: number, share: number): Evidence {
    let subgroup = this.subgroups.get(model);
    if (subgroup === undefined) {
      let left = 1;
      for (const known of this.subgroups.values()) left -= known.share;
      subgroup = { share: Math.max(0, Math.min(share, left)), evidence: new Evidence(this.#hasLags) };
      this.subgroups.set(model, subgroup);
    }
    return subgroup.evidence;
  }

  /** Brings E in line with its parts. */
  weigh(): void {
    let sum = 0;
    for (let signal = 0; signal < this.bySignal.length; signal++) sum += this.#weighted(signal);
    let shares = 0;
    for (const { share, evidence } of this.subgroups.values()) {
      shares += share;
      sum += SUBGROUP_WEIGHT * share * evidence.mean;
    }
    // Models without an event yet stand at 1.
    sum += SUBGROUP_WEIGHT * (1 - shares) + this.#weightedBaseline;
    this.e = Math.min(E_MAX, sum);
    this.eMax = Math.max(this.eMax, this.e);
  }

  #weighted(signal: number): number {
    return (SIGNAL_WEIGHTS[signal] ?? 0) * (this.bySignal[signal]?.mean ?? 1);
  }
  get #weightedBaseline(): number {
    return BASELINE_WEIGHT * Math.exp(Math.min(LOG_E_MAX, this.baselineLog));
  }

  /** The most that any comparison of machines with it and without says; the rest of E is the usual rate. */
  get byComparison(): number {
    const means = [...this.bySignal, ...[...this.subgroups.values()].map(({ evidence }) => evidence)];
    return Math.max(...means.map(({ mean }) => mean));
  }

  /** What says most, in words. */
  get because(): string {
    if (this.e <= 2) return NOTHING;
    let most = this.#weightedBaseline;
    let because = "bugchecks after taking it against the usual rate";
    for (const [model, { share, evidence }] of this.subgroups) {
      const weighted = SUBGROUP_WEIGHT * share * evidence.mean;
      if (weighted <= most) continue;
      most = weighted;
      because = `bugchecks of one hardware model (number ${model}; ${strongest(evidence)})`;
    }
    const signal = this.leadingSignal;
    const evidence = this.bySignal[signal];
    if (evidence === undefined || this.#weighted(signal) < most) return because;
    return `${SIGNALS[signal] ?? ""}s of machines that took it (${strongest(evidence)})`;
  }

  /** The signal that says most. */
  get leadingSignal(): number {
    const weighted = SIGNALS.map((_, signal) => this.#weighted(signal));
    return weighted.indexOf(Math.max(...weighted));
  }

  /** What spoke against it is explained by another version, so it begins anew; what speaks for it stays. */
  restart(): void {
    for (const evidence of this.bySignal) evidence.restart();
    for (const { evidence } of this.subgroups.values()) evidence.restart();
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
      logs: this.bySignal.map(({ logs }) => [...logs]),
      subgroups: [...this.subgroups].map(([model, { share, evidence }]) => [model, share, [...evidence.logs]] as const),
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
      lastTakenAt: this.lastTakenAt,
      comingsBefore: this.#comingsBefore,
      earlyPerComing: this.#earlyPerComing,
      lastEventAt: this.lastEventAt,
      dumpsFor: this.dumpsFor,
      dumpsElsewhere: this.dumpsElsewhere,
    };
  }
}

/** Which meaning of "exposed" says most. */
function strongest({ logs }: Evidence): string {
  const most = logs.indexOf(Math.max(...logs));
  const lag = LAGS[Math.floor(most / RATES.length)] ?? LAGS[0];
  return lag === "ever" ? "at any time before" : `${lag} before`;
}
