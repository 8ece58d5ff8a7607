/**
 * Everything the detector remembers, in parts that know nothing of each other. The rules are functions over it, a file
 * each; what is written to storage is `memory.ts`.
 */
import { RecentBugchecks } from "./baseline.ts";
import { Blocks } from "./blocks.ts";
import { Budget } from "./budget.ts";
import { Clock } from "./clock.ts";
import { Clusters } from "./clusters.ts";
import { someCounts, FACTORS } from "./control-test.ts";
import { Columns } from "./columns.ts";
import { CoreHours } from "./core-hours.ts";
import { Due } from "./due.ts";
import { MassSilence, type Ripening } from "./mass-silence.ts";
import { Outages } from "./outages.ts";
import { Rates } from "./rates.ts";
import type { Ring } from "./ring.ts";
import { RiskSet } from "./risk-set.ts";
import type { SavedDetector } from "./saved.ts";
import { Sites } from "./sites.ts";
import { BLOCK_MAX } from "./strata.ts";
import { type DetectionRule, type DetectorSettings, SIGNALS, type VersionStanding, type Finding } from "./types.ts";
import { coverageRing, Version } from "./version.ts";

export class State {
  readonly settings: DetectorSettings;
  readonly #without: ReadonlySet<DetectionRule>;
  readonly clock: Clock;
  readonly columns = new Columns();
  readonly blocks: Blocks;
  readonly risk: RiskSet;
  readonly due: Due;
  readonly outages: Outages;
  readonly clusters: Clusters;
  readonly rates: Rates;
  readonly recentBugchecks: RecentBugchecks;
  readonly coreHours: CoreHours;
  readonly mass: MassSilence;
  readonly budget: Budget;
  /** Under test, suspect or convicted, by number. */
  readonly versions = new Map<number, Version>();
  readonly retired: Map<number, VersionStanding>;
  nextVersion: number;
  /** Events of the last hour by signal that could be compared; those left out that a convicted version explains. */
  readonly recent: readonly Ring[];
  /** Steady machines that timed out, and are looked at when they are ripe. */
  ripening: Ripening[];

  /** Ticks up to here are done; NaN before anything was told. */
  doneUntil: number;
  /** Up to when machine-time was counted. */
  countedUntil: number;
  readonly findings: Finding[] = [];

  online = 0;
  steadyOnline = 0;
  counting = 0;
  readonly models = new Map<number, number>();
  readonly sites = new Sites();

  /** What whoever stores has not got yet. */
  changedDevices = new Set<number>();
  allDevicesChanged = false;
  exposuresChanged: { device: number; version: number; writtenAt: number }[] = [];
  clearedChanged: { device: number; version: number }[] = [];
  retiredChanged: number[] = [];

  /** Where devices stood before a restart; settled at the first telling. */
  restoredBlocks: number[] | null;
  readonly restoredBuilt: number;

  readonly counts = someCounts();
  readonly factors = new Float64Array(FACTORS);

  constructor(settings: DetectorSettings, saved?: SavedDetector) {
    this.settings = settings;
    this.#without = settings.without ?? new Set();
    this.clock = new Clock(saved?.clockStartMs ?? null);
    this.blocks = new Blocks(this.columns, this.has("strata"));
    this.risk = new RiskSet(this.columns, this.blocks, BLOCK_MAX, {
      atRisk: !this.has("at-risk"),
      strata: !this.has("strata"),
    });
    this.due = new Due(saved?.due);
    this.outages = new Outages(saved?.outages);
    this.clusters = new Clusters(saved?.clusters);
    this.rates = new Rates(saved?.rates);
    this.recentBugchecks = new RecentBugchecks(saved?.recentBugchecks);
    this.coreHours = new CoreHours(saved?.coreHours);
    this.mass = new MassSilence(saved?.mass);
    this.budget = new Budget(saved?.budget);
    for (const version of saved?.versions ?? []) {
      const restored = new Version(version, this.columns, this.blocks, this.has("lag-bins"));
      restored.weigh(); // E is not stored: it follows from what is
      this.versions.set(version.number, restored);
    }
    this.retired = new Map(saved?.retired.map((standing) => [standing.version, standing]));
    this.nextVersion = saved?.nextVersion ?? 0;
    this.recent = SIGNALS.map((_, signal) => coverageRing(saved?.recent[signal]));
    this.ripening = [...(saved?.ripening ?? [])];
    this.doneUntil = saved?.doneUntil ?? Number.NaN;
    this.countedUntil = this.doneUntil;
    this.restoredBlocks = saved === undefined ? null : [];
    this.restoredBuilt = saved?.builtBlocks ?? 0;
  }

  has(rule: DetectionRule): boolean {
    return !this.#without.has(rule);
  }

  noteDevice(device: number): void {
    if (this.settings.keepsChanges === true && !this.allDevicesChanged) this.changedDevices.add(device);
  }
}
