/** The end of a drill: the evidence is gathered, the judge is asked, and what was claimed is held against what it says. */
import type { RolloutView } from "../../protocol/api.ts";
import type { CrowdSide } from "./crowd-side.ts";
import { isUnreachable } from "./crowd/plan.ts";
import { type DrillDocument, drillDocument, type Moments } from "./document.ts";
import { DEADLY_WITHIN_MS, type Fleet } from "./fleet.ts";
import { type Evidence, judge, type Judgement } from "./judge.ts";
import { type Disk, readDisk } from "./judge-disks.ts";
import { type ClaimedDecision, judgeWaves } from "./judge-waves.ts";
import type { Machine } from "./kernel.ts";
import type { LabClock } from "./lab-clock.ts";
import type { Approved } from "./people.ts";
import type { Operator } from "./operator.ts";

/** What happened in a drill, as far as it came. */
export type Story = { -readonly [K in keyof Moments]: Moments[K] } & {
  readonly before: Map<string, Disk>;
  rollout: RolloutView | undefined;
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
  declared: null,
  halted: null,
  canaryDone: null,
  allReachable: null,
  before: new Map(),
  rollout: undefined,
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
  { seed, clock }: { readonly seed: number; readonly clock: LabClock },
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
  if (rollout !== undefined) {
    try {
      const rows = await operator.rolloutDevices(rollout.id);
      believed = rows.flatMap(({ name, status }) => (status === "succeeded" ? [name] : []));
      const waves = rollout.waves.map(({ name, gate }, wave) => {
        const members = new Set(rows.filter((row) => row.wave === wave).map((row) => row.name));
        return { name, gate, machines: evidence.filter((machine) => members.has(machine.name)) };
      });
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
      rollout,
      approvals: story.approvals,
      believed,
      moments: story,
      problems,
    },
    clock,
  );
}

const decisionsOf = ({ events }: RolloutView): ClaimedDecision[] =>
  events.flatMap((event) =>
    event.kind === "gate-decided" ? [{ ...event.decision, wave: event.wave, at: event.at }] : [],
  );

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
