/** The document that a drill ends with, and its verdict: what was claimed, held against what the judge found. */
import type { RolloutView } from "../../protocol/api.ts";
import type { Judgement } from "./judge.ts";
import type { LabClock } from "./lab-clock.ts";
import type { Approved } from "./people.ts";

const SCENARIOS = { cure: "faulty-content-file", badFix: "bad-fix" } as const;

/** When things happened, of the wall; null for what did not happen. */
export interface Moments {
  readonly pushed: number | null;
  readonly firstCrash: number | null;
  /** The controller opened it. */
  readonly incident: number | null;
  /** It convicted a version. */
  readonly verdict: number | null;
  /** Nothing more was sent. */
  readonly halted: number | null;
  readonly canaryDone: number | null;
  readonly allReachable: number | null;
}

type Seconds = Readonly<Record<Exclude<keyof Moments, "pushed">, number | null>>;

export interface DrillDocument {
  readonly scenario: string;
  readonly seed: number;
  readonly machines: number;
  /** Simulated ones besides. */
  readonly crowd: number;
  readonly exposed: number;
  readonly crashed: number;
  readonly recovered: number;
  /** Names of machines. */
  readonly unreached: readonly string[];
  /** Numbers of machines and of files; zero is right. */
  readonly collateral: { readonly healthyTouched: number; readonly filesLost: number };
  readonly waves: readonly {
    readonly name: string;
    readonly planned: number;
    readonly succeeded: number;
    readonly failed: number;
    readonly silent: number;
    readonly notApplicable: number;
    readonly gate: {
      readonly verdict: string;
      readonly rule: string;
      readonly observed: number | null;
      readonly sample: number;
      readonly deadline: number | null;
      readonly because: string;
    };
  }[];
  /** What the controller found out by itself; null if it noticed nothing. */
  readonly detection: {
    readonly title: string;
    /** Labels of what it convicted. */
    readonly convicted: readonly string[];
    readonly sentence: string;
  } | null;
  /** What each approver saw, line by line, and how it was signed. */
  readonly approvals: readonly Approved[];
  /** Since the faulty push. */
  readonly secondsTo: { readonly lab: Seconds; readonly wall: Seconds };
  /** "passed", or "failed: " and every reason. */
  readonly verdict: string;
}

export interface Outcome {
  readonly seed: number;
  readonly machines: number;
  readonly crowd: number;
  /** Who cannot be reached, as the seed said before anything began. */
  readonly oracle: readonly string[];
  readonly judgement: Judgement;
  readonly waveFaults: readonly string[];
  /** What is wrong with the verdict, by what the kernels know. */
  readonly verdictFaults: readonly string[];
  readonly detection: DrillDocument["detection"];
  /** In a drill of a bad fix: what was touched beyond the canary, and what else is wrong with how it ended. */
  readonly badFixFaults: readonly string[] | undefined;
  readonly rollout: RolloutView | undefined;
  readonly approvals: readonly Approved[];
  /** Names of machines whose success the controller believes. */
  readonly believed: readonly string[];
  readonly moments: Moments;
  /** What kept the drill from coming to its end. */
  readonly problems: readonly string[];
}

export function drillDocument(outcome: Outcome, clock: LabClock): DrillDocument {
  const { judgement, rollout, moments } = outcome;
  const reasons = reasonsAgainst(outcome);
  const seconds = (scale: (wallMs: number) => number): Seconds => {
    const since = (at: number | null): number | null =>
      at === null || moments.pushed === null ? null : Math.round(scale(at - moments.pushed) / 100) / 10;
    const { firstCrash, incident, verdict, halted, canaryDone, allReachable } = moments;
    return {
      firstCrash: since(firstCrash),
      incident: since(incident),
      verdict: since(verdict),
      halted: since(halted),
      canaryDone: since(canaryDone),
      allReachable: since(allReachable),
    };
  };
  return {
    scenario: outcome.badFixFaults === undefined ? SCENARIOS.cure : SCENARIOS.badFix,
    seed: outcome.seed,
    machines: outcome.machines,
    crowd: outcome.crowd,
    exposed: judgement.exposed.length,
    crashed: judgement.crashed.length,
    recovered: judgement.recovered.length,
    unreached: judgement.unreached,
    collateral: {
      healthyTouched: judgement.collateral.healthyTouched.length,
      filesLost: judgement.collateral.filesLost.length,
    },
    waves: (rollout?.waves ?? []).map(({ name, counts, decision }) => ({
      name,
      planned: counts.planned,
      succeeded: counts.succeeded,
      failed: counts.failed + counts.refused + counts.timedOut,
      silent: counts.silent,
      notApplicable: counts.notApplicable,
      gate: {
        verdict: decision.verdict,
        rule: decision.rule,
        observed: decision.observed,
        sample: decision.sample,
        deadline: decision.deadline,
        because: decision.because,
      },
    })),
    detection: outcome.detection,
    approvals: outcome.approvals,
    secondsTo: { lab: seconds((wallMs) => clock.toLabMs(wallMs)), wall: seconds((wallMs) => wallMs) },
    verdict: reasons.length === 0 ? "passed" : `failed: ${reasons.join("; ")}`,
  };
}

function reasonsAgainst(outcome: Outcome): string[] {
  const { oracle, judgement, waveFaults, verdictFaults, badFixFaults, rollout, believed, problems } = outcome;
  if (badFixFaults !== undefined) return [...problems, ...verdictFaults, ...badFixFaults];
  const { recovered, unreached, findings } = judgement;
  const reasons = [...problems];
  if (recovered.length === 0) reasons.push("no machine recovered");
  const stillDown = unreached.filter((name) => !oracle.includes(name));
  if (stillDown.length > 0) reasons.push(`these could be reached and have not recovered: ${stillDown.join(", ")}`);
  const unexpected = oracle.filter((name) => !unreached.includes(name));
  if (unexpected.length > 0) reasons.push(`these had no network, and yet are not down: ${unexpected.join(", ")}`);
  const liars = believed.filter((name) => unreached.includes(name));
  if (liars.length > 0)
    reasons.push(`the controller believes that these recovered, and they have not: ${liars.join(", ")}`);
  if (rollout === undefined) reasons.push("no rollout was ever seen");
  else if (rollout.phase !== "completed") {
    reasons.push(`the rollout ended ${rollout.phase}: ${rollout.because}`);
  }
  return [...reasons, ...verdictFaults, ...findings, ...waveFaults];
}
