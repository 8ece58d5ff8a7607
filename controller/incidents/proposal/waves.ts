/**
 * How many waves, who is in which, and what each gate asks. Pure.
 *
 * Sized by what a gate can tell: with 2 % faults taken for good and 10 % for bad, 36 clean results in a row are needed to
 * pass (Wald, alpha 0.01, beta 0.05) and three failures in a row stop. A fleet that has no 36 to show says what its few can
 * show instead. Domain controllers come one at a time, clinical devices last; neither is a canary while others can be.
 */
import type { Strategy, Wave } from "../../../protocol/strategy.ts";
import { Role } from "../../../protocol/names.ts";
import type { ProposalDevice } from "./facts.ts";
import { spread } from "./spread.ts";
import { CLINICAL, DOMAIN_CONTROLLER } from "./targets.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const CANARY = 5;
const CLEAN_TO_PASS = 36;
/** Room for one failure and for some that do not answer. */
const PROOF = 60;
const TENTH_MAX = 2_000;

export interface ProposedWave {
  readonly wave: Wave;
  readonly devices: number;
  readonly because: string;
}

export function proposeWaves(targets: readonly ProposalDevice[], restarts: boolean): readonly ProposedWave[] {
  const special = new Set<string>([DOMAIN_CONTROLLER, CLINICAL]);
  const ordinary = targets.filter(({ role }) => !special.has(role));
  const roles = [DOMAIN_CONTROLLER, CLINICAL].flatMap((role) => {
    const members = targets.filter((device) => device.role === role);
    return members.length === 0 ? [] : [{ role, members }];
  });
  const [only] = roles;
  if (ordinary.length === 0 && only !== undefined) {
    const [, ...others] = roles;
    return closed([...staged(only.members, restarts), ...others.map((each) => ofRole(each, restarts))]);
  }
  const first = staged(ordinary, restarts);
  const rest = first.at(-1);
  const controllers = roles.filter(({ role }) => role === DOMAIN_CONTROLLER);
  const clinical = roles.filter(({ role }) => role === CLINICAL).map((each) => ofRole(each, restarts));
  // Who signs in needs a domain controller: they come before the rest, unless none answers and all would wait for that.
  const early = controllers.filter(({ members }) => members.some(({ answers }) => answers !== "no"));
  const late = controllers.filter((each) => !early.includes(each)).map((each) => ofRole(each, restarts));
  return closed([
    ...first.slice(0, -1),
    ...early.map((each) => ofRole(each, restarts)),
    ...(rest === undefined
      ? []
      : [
          restBut(
            rest,
            roles.map(({ role }) => role),
          ),
        ]),
    ...late,
    ...clinical,
  ]);
}

/** A canary, a proof, a tenth, the rest: as many of these as the number of devices makes sense for. */
function staged(devices: readonly ProposalDevice[], restarts: boolean): readonly ProposedWave[] {
  const count = devices.length;
  const canary = count < 4 ? 1 : Math.min(CANARY, Math.max(1, Math.round(count / 10)));
  const proof = count >= 600 ? PROOF : count >= 60 ? CLEAN_TO_PASS + 4 : 0;
  const tenth = count >= 600 ? Math.min(TENTH_MAX, Math.floor(count / 10)) : 0;
  const chosen = spread(devices, Math.min(count, canary + proof + tenth));
  const [a, b, c] = [chosen.slice(0, canary), chosen.slice(canary, canary + proof), chosen.slice(canary + proof)];
  const left = count - chosen.length;
  const isAll = left === 0 && proof === 0;
  return [
    {
      wave: named("canary", a, canaryGate(a.length, restarts)),
      devices: a.length,
      because: isAll ? "There is nobody else to try it on." : `${answering(a)} ${canShow(a.length)}`,
    },
    ...(b.length === 0
      ? []
      : [
          {
            wave: named("proof", b, proofGate(restarts)),
            devices: b.length,
            because: `${answering(b)} It passes after ${CLEAN_TO_PASS} that succeeded without a failure: with 2 % faults taken for good and 10 % for bad, fewer cannot tell the two apart.`,
          },
        ]),
    ...(c.length === 0
      ? []
      : [
          {
            wave: named("a tenth", c, shareGate(restarts)),
            devices: c.length,
            because: "As many as a tenth, of all sites, so that what happens rarely shows before the rest.",
          },
        ]),
    ...(left === 0
      ? []
      : [
          {
            wave: { name: "the rest", take: { rest: true } as const, gate: lastGate() },
            devices: left,
            because:
              proof === 0
                ? `Too few for a wave of ${CLEAN_TO_PASS}: the canary alone speaks for them.`
                : "Everybody whom no wave before has taken, also those that come back late.",
          },
        ]),
  ];
}

function ofRole(
  { role, members }: { readonly role: string; readonly members: readonly ProposalDevice[] },
  restarts: boolean,
): ProposedWave {
  const isController = role === DOMAIN_CONTROLLER;
  return {
    wave: {
      name: isController ? "domain controllers" : "clinical devices",
      take: { selector: { roles: [Role.parse(role)] } },
      gate: { ...shareGate(restarts), sampleMin: { count: 1 }, failureShareMax: 0, successShareMin: 1 },
    },
    devices: members.length,
    because: isController
      ? "One at a time, by the budget; a failure of any of them stops."
      : restarts
        ? "They are down already, so that a restart takes nothing away; last of all, when everybody else has shown that it works."
        : "Last of all, when everybody else has shown that it works. Nothing restarts.",
  };
}

/** `rest` may only stand at the end: what others wait for is left to them by name. */
function restBut(rest: ProposedWave, roles: readonly string[]): ProposedWave {
  if (!("rest" in rest.wave.take) || roles.length === 0) return rest;
  const except = { roles: roles.map((role) => Role.parse(role)) };
  return { ...rest, wave: { ...rest.wave, take: { selector: { all: true, except } } } };
}

/** Whoever changed role or came since is not lost: the last wave takes the rest. */
function closed(waves: readonly ProposedWave[]): readonly ProposedWave[] {
  const last = waves.at(-1);
  if (last === undefined || "rest" in last.wave.take) return waves;
  return [...waves.slice(0, -1), { ...last, wave: { ...last.wave, take: { rest: true } } }];
}

const named = (name: string, devices: readonly ProposalDevice[], gate: Wave["gate"]): Wave => ({
  name,
  take: { selector: { devices: devices.map(({ id }) => id) } },
  gate,
});

/** Faults of a restart show at the start; what needs none shows within minutes. */
const bake = (restarts: boolean, ms: number): number => (restarts ? ms : Math.floor(ms / 2));
const canaryGate = (size: number, restarts: boolean): Wave["gate"] => ({
  successShareMin: 1,
  failureShareMax: 0,
  sampleMin: { count: Math.max(1, Math.ceil(size * 0.6)) },
  bakeMs: bake(restarts, 10 * MINUTE),
  deadlineMs: 4 * HOUR,
});
const proofGate = (restarts: boolean): Wave["gate"] => ({
  successShareMin: 0.98,
  failureShareMax: 0.06, // two of 36 may fail, three stop
  sampleMin: { count: CLEAN_TO_PASS },
  bakeMs: bake(restarts, 15 * MINUTE),
  deadlineMs: 8 * HOUR,
});
const shareGate = (restarts: boolean): Wave["gate"] => ({
  successShareMin: 0.94,
  failureShareMax: 0.06,
  sampleMin: { share: 0.5 },
  bakeMs: bake(restarts, 30 * MINUTE),
  deadlineMs: 24 * HOUR,
});
const lastGate = (): Wave["gate"] => ({
  successShareMin: 0.9,
  failureShareMax: 0.1,
  sampleMin: { share: 0.5 },
  bakeMs: 0,
  deadlineMs: 7 * 24 * HOUR,
});

function answering(devices: readonly ProposalDevice[]): string {
  const answer = devices.filter(({ answers }) => answers !== "no").length;
  const down = devices.filter(({ answers }) => answers === "down").length;
  const sites = new Set(devices.map(({ site }) => site)).size;
  const who = answer === devices.length ? "All answer now" : `${answer} of ${devices.length} answer now`;
  const fault = down === 0 ? "" : `, ${down} of them down: no budget holds those back`;
  return `${who}${fault}; they stand at ${sites} ${sites === 1 ? "site" : "sites"}.`;
}

/** What a few clean results are worth, so that nobody takes them for more. */
function canShow(size: number): string {
  const missed = Math.round(0.9 ** size * 100);
  return `A cure that fails on every tenth machine would pass it in ${missed} of 100 cases.`;
}

export function budgetsOf(targets: readonly ProposalDevice[]): Strategy["budgets"] {
  const roles = new Set<string>(targets.map(({ role }) => role));
  return {
    inFlightMax: Math.min(5_000, Math.max(10, Math.ceil(targets.length / 20))),
    downMaxPerSite: { share: 0.25 },
    downMaxPerRole: { share: 0.25 },
    sites: [],
    roles: roles.has(DOMAIN_CONTROLLER)
      ? [{ role: Role.parse(DOMAIN_CONTROLLER), downMax: { count: 1 }, atOnceMax: 1 }]
      : [],
  };
}
