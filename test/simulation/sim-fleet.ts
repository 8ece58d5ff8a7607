/** The machines of a simulation, their content and the plan that undoes it, all by the dice. */
import type { PlanRequest } from "../../protocol/api.ts";
import { AgentConfig, type AgentConfigInput } from "../../agent/config.ts";
import { Playbook, type Step } from "../../protocol/playbook.ts";
import { Selector } from "../../protocol/selector.ts";
import { Strategy } from "../../protocol/strategy.ts";
import type { z } from "zod";
import type { Dice } from "./dice.ts";
import { CONTENT_FOLDER, contentPath, digestOfContents } from "./sim-disk.ts";
import type { Reach } from "./network.ts";
import { type MachineSetup, type MachineTraits, SimMachine } from "./sim-machine.ts";

const FAULTY_CONTENTS = "channel 291, all zeros";
export const FAULTY = digestOfContents(FAULTY_CONTENTS);
const SOURCE = "crowdstrike.channel-291";
const SENSOR = "CSFalconService";
const MINUTE = 60_000;

const SITES = ["Leeds", "York", "Hull"] as const;
const ROLES = ["till", "till", "till", "server", "domain-controller"] as const;

const CONFIG: Omit<AgentConfigInput, "deviceId"> = {
  controllers: ["wss://controller.example:8480"],
  sources: [
    {
      id: SOURCE,
      title: "Channel 291",
      files: [`${CONTENT_FOLDER}\\C-00000291*.sys`],
      label: { kind: "file-name", pattern: "^C-00000291-\\d{8}-(\\d{8})\\.sys$" },
    },
  ],
  allowedRoots: [CONTENT_FOLDER],
  services: [SENSOR],
  goodAfterMs: 30_000,
  backoff: { baseMs: 1_000, capMs: 30_000, resetAfterMs: MINUTE },
};
export const agentConfig = (): MachineSetup["config"] => AgentConfig.omit({ deviceId: true }).parse(CONFIG);

export function makeMachines(count: number, setup: MachineSetup): readonly SimMachine[] {
  const dice = setup.world.dice.of("fleet");
  // One that is always there, one that never is: the rest as it comes.
  const reaches: Reach[] = ["steady", "none", "moments"];
  return Array.from({ length: count }, (_, i) => {
    const reach = reaches[i] ?? dice.pick(["steady", "steady", "flaky", "flaky", "moments", "late"]);
    const traits: MachineTraits = {
      name: `PC-${String(i + 1).padStart(2, "0")}`,
      site: dice.pick(SITES),
      role: dice.pick(ROLES),
      reach,
      crashAfterMs: reach === "moments" ? dice.between(10_000, 25_000) : dice.between(20_000, 120_000),
      networkAfterMs: dice.between(1_000, 5_000),
      networkFrom: reach === "late" ? setup.world.time.now() + dice.between(10, 40) * MINUTE : 0,
      clockAheadMs: dice.chance(0.2) ? dice.between(-90 * MINUTE, 90 * MINUTE) : 0,
      fileLocked: dice.pick([0, 0, 0.02, 0.2]),
      powerLoss: dice.pick([0, 0.002, 0.01]),
    };
    const machine = new SimMachine(traits, setup);
    const { disk } = machine;
    disk.services.set(SENSOR, "automatic");
    disk.services.set("Spooler", "automatic");
    disk.put(contentPath(31), "channel 291, good", setup.world.time.now());
    if (dice.chance(0.3)) disk.put(contentPath(33), "another file of the same name", setup.world.time.now());
    return machine;
  });
}

/** The vendor pushes the faulty version; a kernel that runs reads it at once. */
export function push(machine: SimMachine): void {
  if (machine.disk.held.has(SOURCE)) return;
  machine.say("the faulty version is pushed");
  machine.disk.put(contentPath(32), FAULTY_CONTENTS, machine.setup.world.time.now());
  machine.readContent();
}

type Request = z.output<typeof PlanRequest>;

export function planRequest(dice: Dice, machines: number): Request {
  const quarantine = {
    kind: "quarantine-file",
    files: `${CONTENT_FOLDER}\\C-00000291*.sys`,
    where: { sha256: [FAULTY] },
    filesMax: 2,
  } as const;
  const service: readonly Step[] = dice.chance(0.5)
    ? [{ kind: "set-service-start", service: "Spooler", start: "manual" }]
    : [];
  const proof: readonly Step[] = [
    { kind: "reboot", noticeMs: dice.pick([0, 5_000]) },
    { kind: "await-healthy", services: [SENSOR], settleMs: 15_000, withinMs: 10 * MINUTE },
  ];
  return {
    title: "Take back channel 291",
    incident: null,
    supplements: null,
    devices: Selector.parse(dice.chance(0.7) ? { all: true } : { sites: [SITES[0], SITES[1]] }),
    playbook: Playbook.parse({
      name: "undo-291",
      title: "Undo 291",
      source: SOURCE,
      steps: [quarantine, ...service, ...proof],
    }),
    strategy: strategyOf(dice, machines),
  };
}

function strategyOf(dice: Dice, machines: number): Request["strategy"] {
  const gate = () => ({
    successShareMin: dice.pick([0.3, 0.5, 0.8]),
    failureShareMax: dice.pick([0, 0.3, 0.6, 1]),
    sampleMin: dice.pick([{ count: 1 }, { count: 2 }, { share: 0.5 }]),
    bakeMs: dice.pick([0, 15_000, MINUTE]),
    deadlineMs: dice.between(4, 12) * MINUTE,
  });
  const last = { name: "the rest", take: { rest: true }, gate: gate() };
  const waves = dice.pick([
    [{ name: "canary", take: { count: 1 }, gate: gate() }, last],
    [{ name: "canary", take: { count: 2 }, gate: gate() }, { name: "half", take: { percent: 50 }, gate: gate() }, last],
    [{ name: "tills", take: { selector: { roles: ["till"] } }, gate: gate() }, last],
    [last],
  ]);
  const limit = () => dice.pick([undefined, { count: dice.between(1, 3) }, { share: 0.5 }]);
  return Strategy.parse({
    waves,
    budgets: { inFlightMax: dice.between(1, machines), downMaxPerSite: limit(), downMaxPerRole: limit() },
    patience: {
      offerMs: dice.pick([20_000, MINUTE]),
      silentMs: dice.pick([30_000, MINUTE, 3 * MINUTE]),
      orderMs: dice.pick([3, 8, 30]) * MINUTE,
    },
    validityMs: 12 * 60 * MINUTE,
  });
}

/** What a person does at last: everyone who still has it, all at once, and no gate that a straggler could close. */
export function mopUpRequest(request: Request): Request {
  const gate = {
    successShareMin: 0.01,
    failureShareMax: 1,
    sampleMin: { count: 1 },
    bakeMs: 0,
    deadlineMs: 60 * MINUTE,
  };
  const waves = [{ name: "everyone", take: { rest: true }, gate }];
  const patience = { offerMs: 60 * MINUTE, silentMs: 10 * MINUTE, orderMs: 40 * MINUTE };
  return {
    ...request,
    title: "Take back what is left of it",
    devices: { all: true },
    strategy: Strategy.parse({ waves, budgets: { inFlightMax: 1_000 }, patience, validityMs: 12 * 60 * MINUTE }),
  };
}
