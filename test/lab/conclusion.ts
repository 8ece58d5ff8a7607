/** The end of a drill: the evidence is gathered, the judge is asked, and what was claimed is held against what it says. */
import type { RolloutView } from "../../protocol/api.ts";
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

/** What the judge's evidence is gathered from. */
interface Witnesses {
  readonly machines: readonly Pick<Machine, "spec" | "folder" | "facts" | "state">[];
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

async function evidenceOf(lab: Witnesses, { before }: Story): Promise<Evidence[]> {
  return await Promise.all(
    lab.machines.map(async ({ spec, folder, facts, state }) => {
      // Facts and state of one moment, and before the disk: what comes later explains nothing, but for dumps.
      const [factsNow, stateNow] = [[...facts], state];
      const after = await readDisk(folder);
      const explained = [...factsNow, ...facts.slice(factsNow.length).filter(({ kind }) => kind === "wrote")];
      return { name: spec.name, before: before.get(spec.name) ?? after, after, facts: explained, state: stateNow };
    }),
  );
}

/** What the judge says now. */
export async function look(lab: Witnesses, story: Story, clock: LabClock): Promise<Judgement> {
  return judge(await evidenceOf(lab, story), clock.now(), clock.toWallMs(DEADLY_WITHIN_MS));
}

/** When the last of the machines that recovered came up for good. */
export function lastRecovery(lab: Witnesses, { recovered }: Judgement): number | null {
  const times = lab.machines
    .filter(({ spec }) => recovered.includes(spec.name))
    .map(({ facts }) => facts.findLast(({ kind }) => kind === "services-up")?.at ?? 0);
  return times.length === 0 ? null : Math.max(...times);
}

/** @param problems what kept the drill from coming to its end; grows by what keeps it from being told */
export async function conclude(
  { seed, clock }: { readonly seed: number; readonly clock: LabClock },
  fleet: Fleet,
  lab: Witnesses,
  operator: Pick<Operator, "rolloutDevices">,
  story: Story,
  problems: string[],
): Promise<DrillDocument> {
  const evidence = await evidenceOf(lab, story);
  const judgement = story.judgement ?? (await look(lab, story, clock));
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
      machines: fleet.machines.length,
      oracle: fleet.unreachable,
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
