/**
 * What a rollout should do next, and why.
 *
 * Pure: no clock, no storage; nothing is remembered between two calls, and the same state and time give the same
 * answer. The orchestrator stores what the commands say, tells the engine, and asks again, so one call may do little.
 * Known facts come first: a gate that stops outranks everything, and while a device has to be called silent or timed
 * out, no gate passes and nobody is taken on the strength of what was known before.
 */
import type { GateDecision } from "../../protocol/rollout.ts";
import { type Instant, later } from "../../protocol/time.ts";
import { gateOf } from "./gate.ts";
import { Taken } from "./lanes.ts";
import { isStopped, takesDevices } from "./phases.ts";
import { compareDue, statusAtSlot } from "./slots.ts";
import { currentWave, inFlight, type RolloutState } from "./state.ts";
import type { Decision, RolloutCommand } from "./types.ts";
import { wakeAt } from "./wake.ts";
import { completion, phaseSentence, waitsFor } from "./waits.ts";
import { type DispatchAnswer, dispatchAllowed } from "./windows.ts";
import { duration, utc } from "./words.ts";

/** Offers of one decision: it is stored as one transaction. With more to offer, the engine asks to be called again. */
const OFFERS_MAX = 1_000;

export function decide(state: RolloutState, now: Instant): Decision {
  const { definition } = state;
  const dispatch = dispatchAllowed(definition.windows, definition.freezes, now);
  const commands = commandsOf(state, dispatch, now);
  const offers = commands.filter(({ kind }) => kind === "offer").length;
  return {
    commands,
    because: phaseSentence(state, dispatch, now),
    waitsFor: waitsFor(state, dispatch, now),
    wakeAt: offers === OFFERS_MAX ? now : wakeAt(state, dispatch, now),
  };
}

function commandsOf(state: RolloutState, dispatch: DispatchAnswer, now: Instant): readonly RolloutCommand[] {
  if (isStopped(state.phase)) {
    return [...recalls(state), ...withdrawals(state), ...marks(state, now)];
  }
  const stop = stoppingGate(state, now);
  if (stop !== undefined) return [stop];
  const overdue = marks(state, now);
  const mayTake = takesDevices(state.phase) && dispatch.allowed && now < state.definition.validUntil;
  // An offer is an invitation: it stands only while the device could be taken now.
  const taken = mayTake ? impatientRecalls(state, now) : recalls(state);
  if (overdue.length > 0 || state.phase === "paused") return [...taken, ...overdue];

  const advance = state.phase === "running" ? advanceOf(state, dispatch, now) : undefined;
  if (advance?.kind === "settle-gate" && advance.then === "pause") return [...taken, advance];
  return [...taken, ...(advance === undefined ? [] : [advance]), ...(mayTake ? offers(state, now) : [])];
}

/** Gates of waves that passed stay on guard: late failures stop the rollout too. */
function stoppingGate(state: RolloutState, now: Instant): RolloutCommand | undefined {
  for (const wave of state.waves.keys()) {
    const decision = gateOf(state, wave, now);
    if (decision.verdict === "stop") return settle(wave, decision, "halt");
  }
  return undefined;
}

type SettleGate = Extract<RolloutCommand, { kind: "settle-gate" }>;
const settle = (wave: number, decision: GateDecision, then: SettleGate["then"]): SettleGate =>
  // oxlint-disable-next-line unicorn/no-thenable -- a word, not a function: nothing takes this for a promise
  ({ kind: "settle-gate", wave, decision, then });

/** Settles the open gate, opens the next wave, or completes: whichever of them is due. */
function advanceOf(state: RolloutState, dispatch: DispatchAnswer, now: Instant): RolloutCommand | undefined {
  const wave = currentWave(state);
  if (wave === undefined) return { kind: "complete", because: completion(state) };
  const planned = state.definition.waves[wave];
  if (planned === undefined) return undefined;
  if (state.waves[wave]?.openedAt === null) {
    // The deadline runs from the opening: before devices may be taken, it would only run out.
    if (now < planned.notBefore || !dispatch.allowed) return undefined;
    return { kind: "open-wave", wave, deadline: later(now, planned.gate.deadlineMs) };
  }
  const decision: GateDecision = gateOf(state, wave, now);
  if (decision.verdict === "proceed") return settle(wave, decision, "proceed");
  if (decision.rule === "deadline") return settle(wave, decision, "pause");
  return undefined;
}

function offers(state: RolloutState, now: Instant): readonly RolloutCommand[] {
  const { definition, slots, ready } = state;
  const taken = new Taken();
  const found: RolloutCommand[] = [];
  for (const [wave, { openedAt }] of state.waves.entries()) {
    const planned = definition.waves[wave];
    if (openedAt === null || planned === undefined || now < planned.notBefore) continue;
    const room = Math.min(definition.budgets.inFlightMax - inFlight(state), OFFERS_MAX) - found.length;
    for (const slot of ready.choose(wave, Math.max(0, room), taken)) {
      const device = slots.ids[slot];
      if (device === undefined) continue;
      found.push({ kind: "offer", device, wave, generation: (slots.generation[slot] ?? 0) + 1 });
    }
  }
  return found;
}

/** Every offer that stands, also those behind another order: nobody new begins. */
function recalls(state: RolloutState): readonly RolloutCommand[] {
  return [...state.outstanding].sort(ascending).flatMap((slot) => commandFor(state, slot, "recall"));
}

function withdrawals(state: RolloutState): readonly RolloutCommand[] {
  return [...state.stoppable].sort(ascending).flatMap((slot) => commandFor(state, slot, "withdraw"));
}

function commandFor({ slots }: RolloutState, slot: number, kind: "recall" | "withdraw"): readonly RolloutCommand[] {
  const [device, order] = [slots.ids[slot], slots.orders[slot] ?? null];
  return device === undefined || order === null ? [] : [{ kind, device, order }];
}

function impatientRecalls(state: RolloutState, now: Instant): readonly RolloutCommand[] {
  return overdueSlots(state, now)
    .filter((slot) => statusAtSlot(state.slots, slot) === "offered")
    .flatMap((slot) => commandFor(state, slot, "recall"));
}

function marks(state: RolloutState, now: Instant): readonly RolloutCommand[] {
  const { slots, definition } = state;
  const { silentMs, orderMs } = definition.patience;
  return overdueSlots(state, now).flatMap((slot): RolloutCommand[] => {
    const device = slots.ids[slot];
    if (device === undefined || statusAtSlot(slots, slot) === "offered") return [];
    const beganAt = (slots.beganAt[slot] ?? 0) as Instant;
    if (now - beganAt >= orderMs) {
      const because = `Took its order at ${utc(beganAt)} and has not finished it after ${duration(orderMs)}.`;
      return [{ kind: "mark", device, status: "timed-out", because }];
    }
    const heardAt = (slots.heardAt[slot] ?? 0) as Instant;
    const because = `Took its order at ${utc(beganAt)} and was last heard at ${utc(heardAt)}, more than ${duration(silentMs)} ago.`;
    return [{ kind: "mark", device, status: "silent", because }];
  });
}

/** The slots whose deadline has come, earliest first; looks at these and their children in the heap, no further. */
function overdueSlots({ due, slots }: RolloutState, now: Instant): readonly number[] {
  const found: number[] = [];
  const places = [0];
  for (let place = places.pop(); place !== undefined; place = places.pop()) {
    const slot = due.items[place];
    if (slot === undefined || (slots.dueAt[slot] ?? 0) > now) continue;
    found.push(slot);
    places.push(2 * place + 1, 2 * place + 2);
  }
  return found.sort((a, b) => compareDue(slots, a, b));
}

const ascending = (a: number, b: number): number => a - b;
