/** What the detector found about one outbreak, and how far this was by then. Times are ticks; null: never. */
import type { Finding, VersionStanding } from "../detection/types.ts";
import { MINUTE } from "./calendar.ts";
import type { Fleet } from "./fleet-shape.ts";
import type { Harm } from "./harm.ts";

/** Crashes of a site within this time are one observation. */
const CLUSTER_TICKS = 5 * MINUTE;

interface Counts {
  exposedAtIncident: number;
  hurtAtIncident: number;
  exposedAtVerdict: number;
  hurtAtVerdict: number;
  reportsAtVerdict: number;
}

export class Watch {
  harm: Harm | null = null;
  /** A mass silence, a conviction, or a person. */
  incident: number | null = null;
  verdict: number | null = null;
  /** Our own rollouts stop. */
  halt: number | null = null;
  suspected: number | null = null;
  acts: number | null = null;
  massSilence: number | null = null;
  /** The first report of a machine that it has hurt, and the last one before the verdict. */
  firstReport: number | null = null;
  lastReport: number | null = null;
  readonly convicted = new Set<string>();
  readonly counts: Counts = {
    exposedAtIncident: 0,
    hurtAtIncident: 0,
    exposedAtVerdict: 0,
    hurtAtVerdict: 0,
    reportsAtVerdict: 0,
  };
  readonly #names: readonly string[];
  readonly #faulty: string;
  readonly #onVerdict: (tick: number) => void;
  readonly #reported = new Set<number>();
  readonly #siteReportedAt = new Map<number, number>();
  #reports = 0;

  constructor(names: readonly string[], faulty: string, onVerdict: (tick: number) => void) {
    this.#names = names;
    this.#faulty = faulty;
    this.#onVerdict = onVerdict;
  }

  /** @returns false: it goes on */
  hear(findings: readonly Finding[], tick: number): false {
    for (const finding of findings) this.#hear(finding, tick);
    return false;
  }

  /** A person has noticed, and declares it. */
  declare(tick: number): void {
    this.#open(tick);
    this.#convict(tick);
    this.halt ??= tick;
  }

  /** A report of a machine that the faulty version has hurt. */
  countReport(device: number, { columns }: Fleet, tick: number): void {
    if (this.verdict !== null || (this.harm?.hurtAt[device] ?? 0) === 0 || this.#reported.has(device)) return;
    const site = columns.site[device] ?? 0;
    this.#reported.add(device);
    this.firstReport ??= tick;
    this.lastReport = tick;
    if (tick - (this.#siteReportedAt.get(site) ?? -CLUSTER_TICKS) < CLUSTER_TICKS) return;
    this.#siteReportedAt.set(site, tick);
    this.#reports++;
  }

  #hear(finding: Finding, tick: number): void {
    switch (finding.kind) {
      case "suspect":
        if (this.#isFaulty(finding.standing)) this.suspected ??= tick;
        return;
      case "mass-silence":
        this.massSilence ??= tick;
        this.#open(tick);
        this.halt ??= tick;
        return;
      case "convicted":
        for (const { version } of finding.standings) this.convicted.add(this.#names[version] ?? `version ${version}`);
        this.#open(tick);
        if (finding.certainty === "act") this.halt ??= tick;
        if (!finding.standings.some((standing) => this.#isFaulty(standing))) return;
        if (finding.certainty === "act") this.acts ??= tick;
        return this.#convict(tick);
      case "confirmed":
        this.halt ??= tick;
        if (this.#isFaulty(finding.standing)) this.acts ??= tick;
        return;
      case "mass-silence-over":
        return;
    }
  }

  #open(tick: number): void {
    if (this.incident !== null) return;
    this.incident = tick;
    this.counts.exposedAtIncident = this.harm?.exposed ?? 0;
    this.counts.hurtAtIncident = this.harm?.hurt ?? 0;
  }

  #convict(tick: number): void {
    if (this.verdict !== null) return;
    this.verdict = tick;
    this.suspected ??= tick;
    this.counts.exposedAtVerdict = this.harm?.exposed ?? 0;
    this.counts.hurtAtVerdict = this.harm?.hurt ?? 0;
    this.counts.reportsAtVerdict = this.#reports;
    this.#onVerdict(tick);
  }

  #isFaulty({ version }: VersionStanding): boolean {
    return this.#names[version] === this.#faulty;
  }
}
