/** What a step is given to look at and to act with, made from the journal and the machine. */
import type { BootId } from "../../protocol/boot.ts";
import type { ContentSource } from "../../protocol/content-source.ts";
import type { Signer } from "../../protocol/dsse.ts";
import type { DeviceId } from "../../protocol/ids.ts";
import { elapsedMs, extendSpans } from "../core/elapsed.ts";
import { lastChangeOf, type OrderState, type StepState } from "../core/journal.ts";
import { forbiddenBecause } from "../core/protection.ts";
import { type BootMode, bootModeOf, hasSetSafeMode, isSafe, leadsTo, stayAfter } from "../core/safe-mode.ts";
import { isPurpose } from "../core/step-traits.ts";
import type { Clock, Machine } from "../ports.ts";
import type { JournalBook } from "./journal-book.ts";
import type { SafeModeGuard } from "./safe-mode-guard.ts";
import { performerOf } from "./steps/perform.ts";
import { fault, type LookAhead, type OrderedHolds, type StepContext } from "./steps/step.ts";

export interface RunPorts {
  readonly machine: Machine;
  readonly clock: Clock;
  readonly holds: OrderedHolds;
  readonly safeMode: SafeModeGuard;
  /** What this device knows of the sources whose contents it watches. */
  readonly sources: readonly ContentSource[];
  readonly signer: Signer;
  readonly deviceId: DeviceId;
  readonly bootId: BootId;
  readonly pollEveryMs: number;
}

/** @param mode another one than the machine is in: what would the step find there? */
export function contextOf(
  book: JournalBook,
  ports: RunPorts,
  order: OrderState,
  state: StepState,
  mode = ports.safeMode.mode,
): StepContext {
  const { machine, clock, holds, safeMode, bootId, pollEveryMs } = ports;
  const index = order.steps.indexOf(state);
  const spans = state.status === "started" ? extendSpans(state.spans, bootId, clock.uptimeMs()) : state.spans;
  return {
    machine,
    clock,
    holds,
    safeMode,
    planId: order.planId,
    name: `${order.orderId}-${index + 1}`,
    bootId,
    mode,
    leadsTo: leadsTo(order.steps, index),
    isInWrongMode: hasSetSafeMode(order) && isSafe(mode) !== (leadsTo(order.steps, index) !== undefined),
    lookAhead: (safeMode) => lookAhead(book, ports, order, index, bootModeOf(safeMode)),
    restartFollows: order.steps.slice(index + 1).some(({ step }) => step.kind === "reboot"),
    isReadByBootDrivers: sourceOf(ports, order)?.readBy !== "service",
    notRestorableBecause: notRestorableBecause(sourceOf(ports, order)),
    memo: state.memo,
    changedIn: lastChangeOf(book.state, order.planId),
    elapsedMs: Math.floor(elapsedMs(spans)),
    pollEveryMs,
  };
}

/**
 * What the steps that would be carried out in that mode would find to do there. A file that cannot be read in this one may
 * be readable there; whatever else is wrong is wrong there, too.
 */
async function lookAhead(
  book: JournalBook,
  ports: RunPorts,
  order: OrderState,
  index: number,
  mode: BootMode,
): Promise<LookAhead> {
  let work = false;
  for (const state of stayAfter(order.steps, index)) {
    const { step } = state;
    if (!isPurpose(step.kind)) continue;
    const checked = await performerOf(step.kind).check(step, contextOf(book, ports, order, state, mode));
    const isUnread = checked.kind === "fault" && ["permission-denied", "file-locked"].includes(checked.fault);
    if (checked.kind === "fault" && !isUnread) return checked;
    if (checked.kind !== "work" && !isUnread) continue;
    const because = forbiddenBecause(sourceOf(ports, order), step, mode);
    if (because !== undefined) return fault("permission-denied", because);
    work = true;
  }
  return work
    ? { kind: "work" }
    : { kind: "nothing-to-do", because: "no later step has anything to do on this machine: it is left in normal mode" };
}

export const sourceOf = ({ sources }: RunPorts, order: OrderState): ContentSource | undefined =>
  sources.find(({ id }) => id === order.source);

export const notRestorableBecause = (source: ContentSource | undefined): string | undefined =>
  source?.isRestorable === true
    ? undefined
    : "it is not known that the vendor of this source lets older contents be put back; the product fetches new ones";
