/** The end of a drill: the evidence is gathered, the judge is asked, and what was claimed is held against what it says. */
import type { RolloutView } from "../../protocol/api.ts";
import type { IncidentView } from "../../protocol/api-incidents.ts";
import type { CrowdSide } from "./crowd-side.ts";
import { isUnreachable } from "./crowd/plan.ts";
import { type DrillDocument, drillDocument, type Moments } from "./document.ts";
import { DEADLY_WITHIN_MS, type Fleet } from "./fleet.ts";
import { type Evidence, judge, type Judgement } from "./judge.ts";
import { type Disk, readDisk } from "./judge-disks.ts";
import { judgeVerdict } from "./judge-verdict.ts";
import { type ClaimedDecision, judgeWaves, touchedBeyond } from "./judge-waves.ts";
import type { Machine } from "./kernel.ts";
import type { LabClock } from "./lab-clock.ts";
import type { Approved } from "./people.ts";
import type { Operator } from "./operator.ts";

/** What happened in a drill, as far as it came. */
export type Story = { -readonly [K in keyof Moments]: Moments[K] } & {
  readonly before: Map<string, Disk>;
  rollout: RolloutView | undefined;
  found: IncidentView | undefined;
  approvals: readonly Approved[];
  /** The last look at the machines. */
  judgement: Judgement | undefined;
};

/** The machines of a drill: those in folders, and those in memory. */
export interface Scene {
  readonly fleet: Fleet;
  readonly lab: { readonly machines: readonly Pick<Machine, "spec" | "folder" | "facts" | "state">[] };
  readonly crowd: Pick<CrowdSide, "specs" | "evidence">;
}

export const newStory = (): Story => ({
  pushed: null,
  firstCrash: null,
  incident: null,
  verdict: null,
  halted: null,
  canaryDone: null,
  allReachable: null,
  before: new Map(),
  rollout: undefined,
  found: undefined,
  approvals: [],
  judgement: undefined,
});

async function evidenceOf({ lab, crowd }: Pick<Scene, "lab" | "crowd">, { before }: Story): Promise<Evidence[]> {
  const inFolders = await Promise.all(
    lab.machines.map(async ({ spec, folder, facts, state }) => {
      // Facts and state of one moment, and before the disk: what comes later explains nothing, but for dumps.
      const [factsNow, stateNow] = [[...facts], state];
      const after = await readDisk(folder);
      const explained = [...factsNow, ...facts.slice(factsNow.length).filter(({ kind }) => kind === "wrote")];
      return { name: spec.name, before: before.get(spec.name) ?? after, after, facts: explained, state: stateNow };
    }),
  );
  return [...inFolders, ...(await crowd.evidence())];
}

/** Whom nobody can reach, of those in folders as the seed said, and of the others as far as they got the faulty version. */
export function oracleOf({ fleet, crowd }: Pick<Scene, "fleet" | "crowd">, { exposed }: Judgement): readonly string[] {
  const got = new Set(exposed);
  const others = crowd.specs.filter((spec) => isUnreachable(spec) && got.has(spec.name)).map(({ name }) => name);
  return [...fleet.unreachable, ...others];
}

/** What the judge says now. */
export async function look(scene: Scene, story: Story, clock: LabClock): Promise<Judgement> {
  return judge(await evidenceOf(scene, story), clock.now(), clock.toWallMs(DEADLY_WITHIN_MS));
}

/** When the last of the machines that recovered came up for good. */
export async function lastRecovery(scene: Scene, story: Story): Promise<number | null> {
  const recovered = new Set(story.judgement?.recovered);
  const times = (await evidenceOf(scene, story))
    .filter(({ name }) => recovered.has(name))
    .map(({ facts }) => facts.findLast(({ kind }) => kind === "services-up")?.at ?? 0);
  return times.length === 0 ? null : Math.max(...times);
}

/** @param problems what kept the drill from coming to its end; grows by what keeps it from being told */
export async function conclude(
  { seed, clock, badFix }: { readonly seed: number; readonly clock: LabClock; readonly badFix: boolean },
  scene: Scene,
  operator: Pick<Operator, "rolloutDevices">,
  story: Story,
  problems: string[],
): Promise<DrillDocument> {
  const evidence = await evidenceOf(scene, story);
  const judgement = story.judgement ?? (await look(scene, story, clock));
  const { rollout } = story;
  let waveFaults: string[] = [];
  let believed: string[] = [];
  const badFixFaults: string[] = badFix ? howItEnded(rollout) : [];
  if (rollout !== undefined) {
    try {
      const rows = await operator.rolloutDevices(rollout.id);
      believed = rows.flatMap(({ name, status }) => (status === "succeeded" ? [name] : []));
      const waves = rollout.waves.map(({ name, gate }, wave) => {
        const members = new Set(rows.filter((row) => row.wave === wave).map((row) => row.name));
        return { name, gate, machines: evidence.filter((machine) => members.has(machine.name)) };
      });
      if (badFix) badFixFaults.push(...touchedBeyond(waves, rollout.startedAt));
      waveFaults = judgeWaves(waves, decisionsOf(rollout), rollout.startedAt);
    } catch (error) {
      problems.push(`what became of the waves cannot be told: ${messageOf(error)}`);
    }
  }
  return drillDocument(
    {
      seed,
      machines: scene.fleet.machines.length,
      crowd: scene.crowd.specs.length,
      oracle: oracleOf(scene, judgement),
      judgement,
      waveFaults,
      verdictFaults: judgeVerdict(
        evidence,
        convictedIn(story).map(({ sha256 }) => sha256),
      ),
      detection: foundOut(story),
      badFixFaults: badFix ? badFixFaults : undefined,
      rollout,
      approvals: story.approvals,
      believed,
      moments: story,
      problems,
    },
    clock,
  );
}

const convictedIn = ({ found }: Story) => (found?.versions ?? []).filter(({ verdict }) => verdict === "convicted");

function foundOut(story: Story): DrillDocument["detection"] {
  const { found } = story;
  if (found === undefined) return null;
  const convicted = convictedIn(story).map(({ source, label, sha256 }) => `${source} ${label ?? sha256.slice(0, 12)}`);
  return { title: found.title, convicted, sentence: found.evidence.sentence };
}

/** A bad cure has to be stopped by the gate of the canary, with nothing after it begun. */
function howItEnded(rollout: RolloutView | undefined): string[] {
  if (rollout === undefined) return ["no rollout was ever seen"];
  const [canary, ...others] = rollout.waves;
  const isStopped = rollout.phase === "halted" || rollout.phase === "paused";
  return [
    ...(isStopped ? [] : [`the rollout ended ${rollout.phase}, and should have been stopped: ${rollout.because}`]),
    ...(canary?.decision.verdict === "proceed" ? ["the canary passed"] : []),
    ...others.filter(({ state }) => state !== "not-open").map(({ name }) => `wave "${name}" was opened`),
  ];
}

const decisionsOf = ({ events }: RolloutView): ClaimedDecision[] =>
  events.flatMap((event) =>
    event.kind === "gate-decided" ? [{ ...event.decision, wave: event.wave, at: event.at }] : [],
  );

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
