/**
 * The story of a drill: a fleet that is well, a faulty push, a controller that notices, people who approve what it proposes,
 * and a judge.
 *
 * People act through the public interface, and only the controller looks for what is wrong. Only the judge looks at disks and kernels, and only the fleet's seed
 * says beforehand whom nobody can reach.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { RolloutView } from "../../protocol/api.ts";
import type { IncidentView } from "../../protocol/api-incidents.ts";
import type { Account } from "./account.ts";
import { Approvals } from "./approvals.ts";
import { conclude, lastRecovery, look, messageOf, newStory, oracleOf, type Story } from "./conclusion.ts";
import { startController } from "./controller-process.ts";
import type { DrillDocument } from "./document.ts";
import { NEEDED } from "./content-driver.ts";
import { CrowdSide } from "./crowd-side.ts";
import { type Fleet, planFleet } from "./fleet.ts";
import { installAgent } from "./install-agent.ts";
import { readDisk } from "./judge-disks.ts";
import { Lab } from "./lab.ts";
import type { LabClock } from "./lab-clock.ts";
import { Operator } from "./operator.ts";
import { aboutContents, inLabTime, withBadFix } from "./operators-plan.ts";
import type { Programs } from "./programs.ts";
import { agentEnvironment, controllerKind, type Sabotage } from "./sabotage.ts";
import { type Content, faultyContent, goodContent } from "./vendor.ts";

export interface DrillOptions {
  readonly machines: number;
  /** Simulated machines that join them. */
  readonly crowd: number;
  readonly seed: number;
  readonly folder: string;
  readonly badFix: boolean;
  readonly sabotage: Sabotage | undefined;
  readonly clock: LabClock;
  readonly programs: Programs;
  /** What runs on the machines. */
  readonly agent: string;
  /** For the agents, besides what the sabotage needs. */
  readonly environment: Readonly<Record<string, string>>;
  readonly account: Account;
  readonly interrupted: AbortSignal;
}

interface Scene {
  readonly fleet: Fleet;
  readonly lab: Lab;
  readonly crowd: CrowdSide;
}

/** Limits, in lab time. They end a drill that hangs; a drill that goes well comes near none of them. */
const WELL_WITHIN_MS = 3_600_000;
const NOTICED_WITHIN_MS = 1_800_000;
const ROLLED_BACK_WITHIN_MS = 4_800_000;
/** After the rollout's end, until machines that were said to have recovered must show it. */
const SHOWN_WITHIN_MS = 400_000;
/** The vendor begins with the hospitals, and goes on to the surgeries one by one. */
const GOOD_SPREAD_LAB_MS = 40_000;
/** As long as the push of July 2024 took. */
const FAULTY_SPREAD_LAB_MS = 78 * 60_000;
/** The vendor hears of it, and takes the version back. */
const VENDOR_HEARS_LAB_MS = 30_000;
/** A machine that took it last comes back from its first crash within this, and can say so. */
const STANDS_STILL_LAB_MS = 120_000;

export async function runDrill(options: DrillOptions): Promise<DrillDocument> {
  const { machines, seed, clock, account, interrupted } = options;
  const fleet = planFleet(machines, seed);
  account.say(`${machines} machines, seed ${seed}; nobody will be able to reach ${fleet.unreachable.join(", ")}`);
  const broken = new AbortController();
  const onFault = (error: unknown): void => broken.abort(error);
  const stop = AbortSignal.any([broken.signal, interrupted]);
  const story = newStory();
  await mkdir(options.folder, { recursive: true });
  const consoleFolder = join(options.folder, "console");
  const { url, setupLink, host, port } = await startController(
    options.programs,
    options.folder,
    controllerKind(options.sabotage),
    consoleFolder,
    clock,
  );
  const operator = await Operator.setUp(setupLink);
  account.say(`The console is at ${url}; sign in with ${operator.token}`);
  const { digest: trustRoot } = await operator.client.trust();
  const lab = await Lab.build({
    ...options,
    fleet: fleet.machines,
    folder: join(options.folder, "machines"),
    controller: { host, port },
    installAgent: (folder, spec, machinePort) =>
      installAgent(operator.client, trustRoot, clock, folder, spec, machinePort),
    agentEnvironment: { ...agentEnvironment(options.sabotage), ...options.environment },
    onFact: (machine, fact) => {
      account.fact(machine, fact);
      if (fact.kind === "crashed") story.firstCrash ??= fact.at;
    },
    onFault,
  });
  const { programs, folder } = options;
  const place = { count: options.crowd, seed, factor: clock.factor, host, port, trustRoot };
  const crowd = await CrowdSide.join(operator.client, programs, folder, place, {
    onCrash(name, at) {
      account.crowdCrash(name);
      story.firstCrash ??= at;
    },
    onFault,
  });
  account.say(`${crowd.specs.length} simulated machines have enrolled beside them`);
  const problems: string[] = [];
  try {
    const { client, token } = operator;
    await using approvals = await Approvals.prepare({ ...options, client, token, consoleFolder });
    await play(options, { fleet, lab, crowd }, operator, approvals, story, stop);
  } catch (error) {
    problems.push(whatWentWrong(error, stop));
  }
  try {
    // What it says in the end counts, and of every version: the judge has to hear of late convictions too.
    if (story.found !== undefined) story.found = await operator.inTheEnd(story.found);
  } catch (error) {
    problems.push(`what the controller says in the end cannot be told: ${messageOf(error)}`);
  }
  const document = await conclude(options, { fleet, lab, crowd }, operator, story, problems);
  await lab.stop();
  return document;
}

/** Until the rollout has ended, and its machines have had the time to show what it was worth. */
async function play(
  options: DrillOptions,
  scene: Scene,
  operator: Operator,
  approvals: Approvals,
  story: Story,
  stop: AbortSignal,
): Promise<void> {
  const { seed, clock, account } = options;
  const { lab, crowd } = scene;
  const good = goodContent(seed, 11);
  const faulty = faultyContent(seed, 12);
  account.say("The machines are switched on");
  crowd.powerOn();
  await lab.powerOn(stop);
  const wellWithinMs = clock.toWallMs(WELL_WITHIN_MS);
  await operator.until("a healthy fleet", wellWithinMs, stop, () => operator.allHealthy());
  account.say("All machines are healthy; the vendor sends a good version");
  // Not before: what a machine has already when it is first heard, it has since nobody knows when.
  lab.vendor.push(good);
  crowd.push(good, GOOD_SPREAD_LAB_MS);
  await operator.until("the good version on all", wellWithinMs, stop, () => isWell(operator, scene, good));
  await crowd.noteBefore();
  for (const { spec, folder } of lab.machines) story.before.set(spec.name, await readDisk(folder));

  account.say("All that use the product have the good version, and are well with it");
  await operator.letItAct();
  await approvals.moveStarterKeysOff();
  await operator.until("agents that believe the new approvers", wellWithinMs, stop, () => operator.allFollow());
  account.say("Every agent has checked that and believes them from now on");
  account.restart();
  story.pushed = clock.now();
  lab.vendor.push(faulty);
  crowd.push(faulty, FAULTY_SPREAD_LAB_MS);
  account.say(`The vendor sends the next version, ${faulty.name}; times count from here`);
  const noticedWithinMs = clock.toWallMs(NOTICED_WITHIN_MS);
  const opened = await operator.until("an incident", noticedWithinMs, stop, () => operator.incident());
  story.found = opened;
  story.incident = clock.now();
  account.say(`The controller has opened an incident: ${opened.title}. ${opened.sentence}`);
  const vendorStops = Promise.withResolvers<void>();
  clock.after(VENDOR_HEARS_LAB_MS, () => {
    lab.vendor.halt();
    crowd.withdraw();
    story.halted = clock.now();
    account.say("The vendor has heard of it and sends nothing any more");
    vendorStops.resolve();
  });
  const found = await operator.until("a verdict", noticedWithinMs, stop, () => operator.verdict(opened.id));
  story.found = found;
  story.verdict = clock.now();
  account.verdict(found);
  await vendorStops.promise;
  const still = await operator.standsStill(found.id, clock.toWallMs(STANDS_STILL_LAB_MS), noticedWithinMs, stop);
  account.say(`No machine has been added for a while. ${still.sentence}`);
  const proposal = await operator.until("a plan to approve", noticedWithinMs, stop, () => operator.proposal(found.id));
  account.proposal(proposal);
  await rollBack(options, operator, approvals, found, story, stop);
  if (options.badFix) return;
  account.say("The machines now have to show that they live");
  const deadline = clock.now() + clock.toWallMs(SHOWN_WITHIN_MS);
  for (;;) {
    story.judgement = await look(scene, story, clock);
    const { recovered, exposed } = story.judgement;
    const unreachable = oracleOf(scene, story.judgement);
    if (exposed.every((name) => recovered.includes(name) || unreachable.includes(name))) break;
    if (clock.now() > deadline || story.rollout?.phase !== "completed") return;
    await sleep(1_000, undefined, { signal: stop });
  }
  story.allReachable = await lastRecovery(scene, story);
}

async function rollBack(
  { clock, account, sabotage, badFix, seed }: DrillOptions,
  operator: Operator,
  approvals: Approvals,
  incident: IncidentView,
  story: Story,
  stop: AbortSignal,
): Promise<void> {
  const plan = await operator.plan(incident.id, (proposed) => {
    const timed = inLabTime(proposed, clock, sabotage !== "lie-recovered");
    if (badFix) return withBadFix(timed, NEEDED.path, NEEDED.sha256);
    return sabotage === "wrong-file" ? aboutContents(timed, goodContent(seed, 11).sha256) : timed;
  });
  const waves = plan.waves.map(({ name, deviceCount }) => `${name} ${deviceCount}`).join(", ");
  const count = plan.waves.reduce((sum, { deviceCount }) => sum + deviceCount, 0);
  account.say(`People make it a plan, with the lab's times instead of hours: ${count} devices (${waves})`);
  story.approvals = await approvals.approve(plan);
  const started = await operator.start(plan);
  story.rollout = started;
  account.say("Approved by both and started");
  const limit = AbortSignal.any([stop, AbortSignal.timeout(clock.toWallMs(ROLLED_BACK_WITHIN_MS))]);
  await operator.watch(started.id, limit, (view) => {
    story.rollout = view;
    story.canaryDone ??= proceededAt(view);
    account.rollout(view);
  });
}

/** Every device healthy, and the good version on all that get the vendor's product. */
async function isWell(operator: Operator, { fleet, crowd }: Scene, good: Content): Promise<true | undefined> {
  if ((await operator.allHealthy()) === undefined) return undefined;
  const content = await operator.contentNamed(good.name);
  const subscribed = [...fleet.machines, ...crowd.specs].filter((spec) => spec.subscribed);
  return content?.devices === subscribed.length ? true : undefined;
}

const proceededAt = ({ events }: RolloutView): number | null =>
  events.find((event) => event.kind === "gate-decided" && event.wave === 0 && event.decision.verdict === "proceed")
    ?.at ?? null;

function whatWentWrong(error: unknown, stop: AbortSignal): string {
  if (!stop.aborted) return messageOf(error);
  return stop.reason instanceof Error && stop.reason.name !== "AbortError"
    ? `the lab itself broke: ${messageOf(stop.reason)}`
    : "the drill was interrupted";
}
