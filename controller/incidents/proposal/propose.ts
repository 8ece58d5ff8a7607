/**
 * From an incident to a plan that may be made as it is. Pure; its cost is one look at each device.
 *
 * Invariant: `request` is what making the plan would send, or null while anything is missing. Nothing in it is guessed, and
 * every device of the fleet is a target or stands under a reason.
 */
import type { PlanProposal } from "../../../protocol/api-proposals.ts";
import { PlanRequest } from "../../../protocol/api.ts";
import type { LibraryPlaybook } from "../../../protocol/library.ts";
import type { Playbook } from "../../../protocol/playbook.ts";
import type { Strategy } from "../../../protocol/strategy.ts";
import { bind } from "../../library/bind.ts";
import { notAllowed } from "./allowed.ts";
import type { ProposalDevice, ProposalFacts } from "./facts.ts";
import { matchPlaybook } from "./match.ts";
import { chooseTargets, CLINICAL, DOMAIN_CONTROLLER, type Targets } from "./targets.ts";
import { budgetsOf, type ProposedWave, proposeWaves } from "./waves.ts";

/** A selector holds no more. */
const VERSIONS_MAX = 20;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Where clinical devices are among the targets, whoever works at one is asked, and may put the restart off. */
const CLINICAL_DEFER_MS = 4 * HOUR;

export interface Proposed {
  readonly proposal: PlanProposal;
  /** In the order of the fleet. */
  readonly targets: readonly ProposalDevice[];
}

export function propose(facts: ProposalFacts): Proposed {
  const { incident, library, wanted, now } = facts;
  const match = matchPlaybook(incident, library, wanted);
  const alternatives = match.others.map(({ entry: { name, title }, because }) => ({ name, title, because }));
  const without = (
    proposal: Pick<PlanProposal, "playbook" | "because" | "missing"> & Partial<PlanProposal>,
  ): Proposed => ({
    proposal: { ...common, ...nothing, ...proposal },
    targets: [],
  });
  const nothing = { request: null, targets: 0, excluded: [], waves: [], rules: [], warnings: [], whatIf: [] };
  const common = { incident: incident.id, alternatives, asOf: now };
  const { chosen } = match;
  if (chosen === null) return without({ playbook: null, because: match.because, missing: ["a playbook"] });
  const bound = bind(chosen, incident.versions, facts.said);
  const playbook = { name: chosen.name, title: chosen.title, summary: chosen.summary, adapted: [] };
  if (bound.kind === "no-rollback") {
    const because = `Nothing can be rolled back: ${bound.because}`;
    return without({ playbook, because, missing: [], warnings: [...bound.instead] });
  }
  if (bound.kind === "missing") return without({ playbook, because: match.because, missing: [...bound.missing] });

  const devices = [...facts.devices];
  const made = adapt(bound.playbook, chooseTargets(incident, devices, bound.playbook));
  const targets = chooseTargets(incident, devices, made.playbook); // what was adapted may be too new for some
  const waves = proposeWaves(targets.devices, chosen.restarts);
  const named = incident.versions.length;
  const missing = [
    ...(named > VERSIONS_MAX
      ? [
          `a plan by hand: ${named} versions are named together, and one plan selects devices by ${VERSIONS_MAX} at most`,
        ]
      : []),
    ...notAllowed(made.playbook, facts.policy),
    ...(targets.devices.length === 0
      ? ["a device to which it applies: none runs the version, and none is in doubt"]
      : []),
  ];
  const proposal: PlanProposal = {
    ...common,
    playbook: { ...playbook, adapted: [...bound.adapted, ...made.adapted] },
    because: match.because,
    missing,
    request: missing.length > 0 ? null : requestOf(facts, made.playbook, targets, waves),
    targets: targets.devices.length,
    excluded: [...targets.excluded],
    waves: waves.map(({ wave, devices, because }) => ({ name: wave.name, devices, because })),
    rules: rulesOf(targets),
    warnings: warningsOf(chosen, targets, waves),
    whatIf: [],
  };
  return { proposal, targets: targets.devices };
}

function adapt(
  playbook: Playbook,
  { devices }: Targets,
): { readonly playbook: Playbook; readonly adapted: readonly string[] } {
  const restarts = playbook.steps.some(({ kind }) => kind === "reboot");
  if (!restarts || !devices.some(({ role }) => role === CLINICAL)) return { playbook, adapted: [] };
  const steps = playbook.steps.map((step) =>
    step.kind === "reboot"
      ? { ...step, noticeMs: Math.max(step.noticeMs, 15 * MINUTE), deferMs: CLINICAL_DEFER_MS }
      : step,
  );
  return {
    playbook: { ...playbook, steps },
    adapted: [
      "Clinical devices are among the targets: whoever is signed in is asked before each restart, and may put it off for four hours.",
    ],
  };
}

function requestOf(
  { incident, policy }: ProposalFacts,
  playbook: Playbook,
  targets: Targets,
  waves: readonly ProposedWave[],
): PlanProposal["request"] {
  const strategy: Strategy = {
    waves: waves.map(({ wave }) => wave),
    budgets: budgetsOf(targets.devices),
    windows: [],
    freezes: [],
    // A start in safe mode and the ten minutes of a good one fit three times into two hours.
    patience: { offerMs: 10 * MINUTE, silentMs: 2 * HOUR, orderMs: 12 * HOUR },
    validityMs: Math.min(14 * DAY, policy.limits.validityMsMax),
  };
  const [leader] = incident.versions;
  const what = leader === undefined ? incident.title : `${leader.source} ${leader.label ?? leader.sha256.slice(0, 12)}`;
  return PlanRequest.parse({
    title: `Take ${what} back`.slice(0, 200),
    playbook,
    strategy,
    devices: targets.selector,
    incident: incident.id,
  });
}

function rulesOf({ devices }: Targets): string[] {
  const budgets = budgetsOf(devices);
  const has = (role: string): boolean => devices.some((device) => device.role === role);
  return [
    `At most ${budgets.inFlightMax} devices are under way at once.`,
    "At most a quarter of a site's machines, and a quarter of those of one role, are down at once, whoever put them down; of a few it is one at a time. What is down already may always be helped.",
    ...(has(DOMAIN_CONTROLLER)
      ? ["Domain controllers one at a time, in the whole fleet, also those that are down; never from a snapshot."]
      : []),
    ...(has(CLINICAL)
      ? ["Clinical devices last, only those that are down, and whoever is signed in is asked before a restart."]
      : []),
    "No maintenance window is set: devices are taken at any hour. Set windows or freezes before approval where that must not be.",
  ];
}

function warningsOf(
  entry: LibraryPlaybook,
  { devices, inDoubt, warnings }: Targets,
  waves: readonly ProposedWave[],
): string[] {
  const answering = devices.filter(({ answers }) => answers !== "no").length;
  const proof = waves.some(({ wave }) => wave.name === "proof");
  return [
    ...warnings,
    ...(inDoubt > 0
      ? [
          `${inDoubt} of ${devices.length} targets are silent or unknown: nobody can say whether they run the version. On those that do not, nothing is done.`,
        ]
      : []),
    ...(answering < devices.length
      ? [
          `${answering} of ${devices.length} targets answer now. The others are offered their order when they show up; until then they prove nothing.`,
        ]
      : []),
    ...(proof || devices.length === 0
      ? []
      : [
          "So few devices cannot tell a cure that fails on every tenth machine from a good one. Look at the canary yourself before you go on.",
        ]),
    ...entry.order.map((line) => `In this order: ${line}`),
    ...entry.needs.map((line) => `Needed first: ${line}`),
    ...entry.restoreAfterwards.map((line) => `To be restored afterwards: ${line}`),
    ...entry.permits.map((line) => `Protection: ${line}`),
    ...entry.doesNot.map((line) => `What it does not do: ${line}`),
  ];
}
