/**
 * Why a rollout stands where it stands and what it waits for, in sentences for the console and the record.
 *
 * Whoever waits on a bad day asks "why does nothing happen?"; each sentence names how many devices, and what would have
 * to change. They are written from counters, so that they cost nothing however large the fleet is.
 */
import type { Instant } from "../../protocol/time.ts";
import type { Budgeted } from "./budgets.ts";
import { gateOf } from "./gate.ts";
import type { HeldBack } from "./held-back.ts";
import { assertNever } from "../../protocol/exhaustive.ts";
import { countsOf, currentWave, inFlight, type RolloutState } from "./state.ts";
import type { DispatchAnswer } from "./windows.ts";
import { devices, utc } from "./words.ts";

const SENTENCES_MAX = 8;
/** Sites, and roles, that are named one by one; the rest are counted. */
const NAMED_MAX = 2;

/** Where the rollout stands, in one sentence. */
export function phaseSentence(state: RolloutState, dispatch: DispatchAnswer, now: Instant): string {
  const { phase, reason } = state;
  const told = reason === null ? "" : ` at ${utc(reason.at)} by ${reason.by}: ${reason.because}`;
  switch (phase) {
    case "running":
      return runningSentence(state, dispatch, now);
    case "paused":
      return `Paused${told}`;
    case "halted":
      return `Halted${told}`;
    case "aborted":
      return `Aborted${told}`;
    case "completed":
      return reason?.because ?? "Every wave has passed its gate.";
    default:
      return assertNever(phase);
  }
}

/** Why a rollout is complete, and who is left. */
export function completion(state: RolloutState): string {
  const { waiting, unreached, offered, queued, running, stopped } = countsOf(state);
  const until = utc(state.definition.validUntil);
  const left = [
    ...(unreached > 0
      ? [`${verb(unreached, "was", "were")} never reached; the order waits for ${them(unreached)} until ${until}`]
      : []),
    ...(waiting > unreached
      ? [`${verb(waiting - unreached, "waits", "wait")} for a place and can be taken until ${until}`]
      : []),
    ...(offered + queued > 0
      ? [
          `${verb(offered + queued, "has", "have")} not taken ${offered + queued === 1 ? "its order" : "their orders"} yet`,
        ]
      : []),
    ...(running > 0 ? [`${verb(running, "is", "are")} still running`] : []),
    ...(stopped > 0 ? [`${verb(stopped, "was", "were")} stopped`] : []),
  ];
  return left.length === 0 ? "Every wave has passed its gate." : `Every wave has passed its gate. ${left.join("; ")}.`;
}

/** Most important first, at most eight. Empty when nothing is waited for. */
export function waitsFor(state: RolloutState, dispatch: DispatchAnswer, now: Instant): readonly string[] {
  return sentencesOf(state, dispatch, now).slice(0, SENTENCES_MAX);
}

function sentencesOf(state: RolloutState, dispatch: DispatchAnswer, now: Instant): readonly string[] {
  const { running, silent } = countsOf(state);
  switch (state.phase) {
    case "aborted":
    case "halted": {
      const telling = state.stoppable.size + state.outstanding.size;
      return [
        ...(state.phase === "halted" ? ["A person has to look at what happened, and resume or abort."] : []),
        ...(telling > 0 ? [`${devices(telling)} still ${telling === 1 ? "has" : "have"} to be told to stop.`] : []),
        ...(running + silent > 0
          ? [
              `${devices(running + silent)} had begun and ${running + silent === 1 ? "has" : "have"} not said yet where ${running + silent === 1 ? "it" : "they"} stopped.`,
            ]
          : []),
      ];
    }
    case "paused":
      return [
        "A person has to resume or abort. Nobody new is taken meanwhile.",
        ...(running > 0 ? [`${devices(running)} that had begun ${running === 1 ? "finishes" : "finish"}.`] : []),
      ];
    case "running": {
      const gate = gateSentence(state, dispatch, now);
      const said = (sentence: string): boolean => gate.some((whole) => whole.endsWith(sentence));
      return [...gate, ...takingSentences(state, dispatch, now).filter((sentence) => !said(sentence))];
    }
    case "completed":
      return takingSentences(state, dispatch, now);
    default:
      return assertNever(state.phase);
  }
}

function runningSentence(state: RolloutState, dispatch: DispatchAnswer, now: Instant): string {
  return gateSentence(state, dispatch, now)[0] ?? completion(state);
}

function gateSentence(state: RolloutState, dispatch: DispatchAnswer, now: Instant): readonly string[] {
  const wave = currentWave(state);
  const planned = wave === undefined ? undefined : state.definition.waves[wave];
  if (wave === undefined || planned === undefined) return [];
  const name = `Wave ${wave + 1} of ${state.waves.length} (${planned.name})`;
  if (state.waves[wave]?.openedAt !== null) return [`${name}: ${gateOf(state, wave, now).because}`];
  if (now < planned.notBefore) return [`${name} may not open before ${utc(planned.notBefore)}.`];
  return [dispatch.allowed ? `${name} opens now.` : `${name} has not opened. ${dispatch.because}`];
}

function takingSentences(state: RolloutState, dispatch: DispatchAnswer, now: Instant): readonly string[] {
  const { definition, ready, waves } = state;
  const isOpen = (wave: number): boolean => waves[wave]?.openedAt !== null;
  const open = [...waves.keys()].filter(isOpen);
  const unreached = open.reduce((sum, wave) => sum + (waves[wave]?.unreached ?? 0), 0);
  const connected = open.reduce((sum, wave) => sum + ready.count(wave), 0);
  const queued = open.reduce((sum, wave) => sum + (waves[wave]?.counts.queued ?? 0), 0);
  if (now >= definition.validUntil) {
    const left = unreached + connected;
    return left === 0
      ? []
      : [`The order expired at ${utc(definition.validUntil)}: ${devices(left)} can only be reached by a new plan.`];
  }
  const max = definition.budgets.inFlightMax;
  const flying = inFlight(state);
  return [
    ...(unreached > 0
      ? [
          `${devices(unreached)} ${verb(unreached, "is", "are", "")} not connected and ${unreached === 1 ? "gets its order" : "get their orders"} on appearing, until ${utc(definition.validUntil)}.`,
        ]
      : []),
    ...heldBackSentences("Site", state.sites, ready.heldBack.site),
    ...heldBackSentences("Role", state.roles, ready.heldBack.role),
    ...atOnceSentences(state),
    ...(dispatch.allowed ? [] : [dispatch.because]),
    ...(flying >= max && connected > 0
      ? [
          `${flying} of ${max} allowed in flight; ${devices(connected)} that ${connected === 1 ? "is" : "are"} connected ${connected === 1 ? "waits" : "wait"} for a place.`,
        ]
      : []),
    ...(queued > 0 ? [`${devices(queued)} ${queued === 1 ? "is" : "are"} behind another order.`] : []),
  ];
}

/** Which sites or roles hold devices back, those with most waiting first. */
function heldBackSentences(kind: "Site" | "Role", budgeted: Budgeted, held: HeldBack): readonly string[] {
  const most = held.most(NAMED_MAX);
  const named = most.map((number) => {
    const [down, max, name] = [budgeted.down[number] ?? 0, budgeted.downMax[number] ?? 0, budgeted.names[number] ?? ""];
    const waiting = held.waitingAt(number);
    return `${kind} ${name}: ${down} down or taken, ${max} allowed; ${devices(waiting)} ${waiting === 1 ? "waits" : "wait"}.`;
  });
  const others = held.sites - most.length;
  if (others === 0) return named;
  const waiting = most.reduce((left, number) => left - held.waitingAt(number), held.devices);
  return [
    ...named,
    `${others} more ${kind.toLowerCase()}${others === 1 ? "" : "s"} without room; ${devices(waiting)} ${waiting === 1 ? "waits" : "wait"} there.`,
  ];
}

/** Roles of which no more may be under way at once. */
function atOnceSentences({ roles, atOnce, ready: { heldBack } }: RolloutState): readonly string[] {
  return heldBack.atOnce.most(NAMED_MAX).map((role) => {
    const waiting = heldBack.atOnce.waitingAt(role);
    return `Role ${roles.names[role] ?? ""}: ${atOnce.under[role] ?? 0} under way, ${atOnce.max(role)} allowed at once; ${devices(waiting)} ${waiting === 1 ? "waits" : "wait"}.`;
  });
}

const verb = (count: number, one: string, many: string, prefix = `${count} `): string =>
  `${prefix}${count === 1 ? one : many}`;
const them = (count: number): string => (count === 1 ? "it" : "them");
