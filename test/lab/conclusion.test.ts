/** The end of a drill, on real disks: what the waves did is asked for and judged, or the drill says that it is not known. */
import type { IncidentView } from "../../protocol/api-incidents.ts";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { RolloutDeviceView, type RolloutView } from "../../protocol/api.ts";
import { newId } from "../../protocol/ids.ts";
import { aRolloutView, VIEW_DECISION } from "../support/a-rollout-view.ts";
import { NOON } from "../support/fleet-builders.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { conclude, newStory } from "./conclusion.ts";
import { makeDisk } from "./disk.ts";
import { planFleet } from "./fleet.ts";
import type { Judgement } from "./judge.ts";
import type { KernelFact } from "./kernel-facts.ts";
import { startLabClock } from "./lab-clock.ts";

const MACHINES = planFleet(6, 1).machines.slice(0, 2);
const NAMES = MACHINES.map(({ name }) => name);
const FLEET = { machines: MACHINES, unreachable: [] };
const ALL_WELL: Judgement = {
  exposed: NAMES,
  crashed: NAMES,
  recovered: NAMES,
  unreached: [],
  collateral: { healthyTouched: [], filesLost: [] },
  findings: [],
};
const ARRIVED: KernelFact = { at: NOON - 9_000, kind: "arrived", path: "C/x.sys", sha256: "bad", faulty: true };
const recoveredAfter = (ms: number): KernelFact[] => [
  ARRIVED,
  { at: NOON + ms, kind: "restart-asked", reason: "to start without the faulty file" },
  { at: NOON + ms + 1_000, kind: "booted", boot: 2 },
  { at: NOON + ms + 2_000, kind: "services-up" },
];
/** Of the first wave, which ends well within the fifth second. */
const PROCEEDED: RolloutView["events"][number] = {
  kind: "gate-decided",
  at: RolloutDeviceView.shape.since.parse(NOON + 5_000),
  wave: 0,
  decision: VIEW_DECISION,
};
/** The n-th machine is the n-th wave. */
const ROWS = NAMES.map((name, wave) =>
  RolloutDeviceView.parse({
    device: newId("dev", NOON, new Uint8Array(10).fill(wave + 1)),
    name,
    site: "North",
    role: "workstation",
    wave,
    status: "succeeded",
    connected: true,
    order: null,
    since: NOON,
    detail: null,
  }),
);

/** As far as the conclusion reads it. */
const CONVICTED = {
  title: "x is faulty",
  versions: [{ source: "acme.content-7", sha256: "bad", label: "x", verdict: "convicted" }],
  evidence: { sentence: "2 of 2 crashed machines run x.", for: [], against: [], unknown: [] },
} as unknown as IncidentView;

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
  for (const spec of MACHINES) {
    await mkdir(join(folder.path, spec.name));
    await makeDisk(join(folder.path, spec.name), spec);
  }
});
afterEach(async () => {
  await folder[Symbol.asyncDispose]();
});

interface Ending {
  readonly events?: RolloutView["events"];
  readonly secondTouchedMs?: number;
  readonly judgement?: Judgement;
  readonly rolloutDevices?: () => Promise<typeof ROWS>;
}

async function verdictOn({ events, secondTouchedMs, judgement, rolloutDevices }: Ending): Promise<string> {
  const lab = {
    machines: MACHINES.map((spec, wave) => ({
      spec,
      folder: join(folder.path, spec.name),
      facts: recoveredAfter(wave === 0 ? 1_000 : (secondTouchedMs ?? 6_000)),
      state: "running" as const,
    })),
  };
  const story = {
    ...newStory(),
    rollout: aRolloutView({ events: events ?? [PROCEEDED] }),
    judgement: judgement ?? ALL_WELL,
    found: CONVICTED,
  };
  const operator = { rolloutDevices: rolloutDevices ?? (async () => await Promise.resolve(ROWS)) };
  const crowd = { specs: [], evidence: async () => await Promise.resolve([]) };
  const scene = { fleet: FLEET, lab, crowd };
  const { verdict } = await conclude({ seed: 1, clock: startLabClock(10), badFix: false }, scene, operator, story, []);
  return verdict;
}

test("waves that waited for their turn pass", async () => {
  expect(await verdictOn({})).toBe("passed");
});

test("a wave that was touched before its turn fails the drill", async () => {
  expect(await verdictOn({ secondTouchedMs: 4_000 })).toBe(
    'failed: wave "rest" was touched before the gate of "canary" let it proceed',
  );
});

test("a gate whose verdict does not follow from its numbers fails the drill", async () => {
  const invented: RolloutView["events"][number] = { ...PROCEEDED, decision: { ...VIEW_DECISION, sample: 9 } };
  expect(await verdictOn({ events: [invented] })).toContain('failed: the gate of wave "canary" says');
});

test("a success that the controller believes and the judge did not see fails the drill", async () => {
  const [first = "", second = ""] = NAMES;
  expect(await verdictOn({ judgement: { ...ALL_WELL, recovered: [first], unreached: [second] } })).toContain(
    `the controller believes that these recovered, and they have not: ${second}`,
  );
});

test("a controller that cannot say what became of the waves fails the drill", async () => {
  const rolloutDevices = async (): Promise<never> => await Promise.reject(new Error("the connection was closed"));
  expect(await verdictOn({ rolloutDevices })).toBe(
    "failed: what became of the waves cannot be told: the connection was closed",
  );
});
