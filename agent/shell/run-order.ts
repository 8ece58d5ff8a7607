/**
 * Carries out the order under way: promise, act, record.
 *
 * Invariant: a step's promise is on the disk before the step acts. After a crash the step is looked at again and, if
 * need be, done again; that is why every step is safe to repeat. There are no choices here: `nextMove` has made them.
 */
import { PAYLOAD_TYPES, seal } from "../../protocol/dsse.ts";
import { assertNever } from "../../protocol/exhaustive.ts";
import type { Step } from "../../protocol/playbook.ts";
import type { OrderOutcome } from "../../protocol/progress.ts";
import type { OrderState, StepState } from "../core/journal.ts";
import type { JournalEntry } from "../core/journal-records.ts";
import { nextMove } from "../core/next-move.ts";
import { forbiddenBecause } from "../core/protection.ts";
import { isSafe, isUndoneInSafeMode, wayInOf } from "../core/safe-mode.ts";
import { isPurpose } from "../core/step-traits.ts";
import { makeReceipt } from "../core/receipt.ts";
import { sayable } from "../core/sayable.ts";
import type { Fault } from "../ports.ts";
import type { JournalBook } from "./journal-book.ts";
import { goBackIntoSafeMode, leaveSafeMode, type Standing } from "./safe-mode-moves.ts";
import { contextOf, type RunPorts, sourceOf } from "./step-context.ts";
import { performerOf } from "./steps/perform.ts";
import { fault } from "./steps/step.ts";

/** Called between two steps: writes down what came in meanwhile. A withdrawal counts from the next step on. */
type NoteNews = () => Promise<void>;
const noNews: NoteNews = () => Promise.resolve();

/** Goes as far as it can. @throws RecordNotWritten with everything as it was before that record. */
export async function runOrder(book: JournalBook, ports: RunPorts, noteNews = noNews): Promise<Standing> {
  for (;;) {
    await noteNews();
    const order = book.state.underWay;
    if (order === undefined) return { kind: "idle" };
    const { orderId } = order;
    const move = nextMove(order);
    switch (move.kind) {
      case "carry-out": {
        const standing = await carryOut(book, ports, order, move.step, noteNews);
        if (standing !== undefined) return standing;
        break;
      }
      case "skip":
        await book.append({ event: "not-applicable", orderId, step: move.step, because: move.because });
        break;
      case "give-up":
        await book.append(failed(order, move.step, { kind: "fault", fault: move.fault, because: move.because }));
        break;
      case "abandon":
        await book.append({ event: "abandon", orderId, step: move.step, because: move.because });
        break;
      case "undo": {
        const standing = await undo(book, ports, order, move.step);
        if (standing !== undefined) return standing;
        break;
      }
      case "leave-undone": {
        const { step, fault, because } = move;
        if (order.steps[step]?.status !== "undoing") await book.append({ event: "undo-start", orderId, step });
        await book.append({ event: "undo-fail", orderId, step, fault, because });
        break;
      }
      case "end": {
        const standing = await leaveSafeMode(book, ports, order);
        if (standing !== undefined) return standing;
        await end(book, ports, order, move.outcome);
        break;
      }
      default:
        assertNever(move);
    }
  }
}

/** One step, as far as it goes; hands back a standing if it has to wait. */
async function carryOut(
  book: JournalBook,
  ports: RunPorts,
  order: OrderState,
  index: number,
  noteNews: NoteNews,
): Promise<Standing | undefined> {
  const { orderId } = order;
  const state = stateOf(order, index);
  const { step, status } = state;
  const performer = performerOf(step.kind);
  const again = status === "started";
  const promise = (memo: Extract<JournalEntry, { event: "start" }>["memo"]): Promise<void> =>
    book.append({ event: "start", orderId, step: index, memo, again });

  const checked = await performer.check(step, contextOf(book, ports, order, state));
  await noteNews(); // looking may have taken long, as files were hashed
  if (!again && book.state.underWay?.withdrawn === true) return undefined;
  switch (checked.kind) {
    case "fault":
      await book.append(failed(order, index, checked));
      return undefined;
    case "nothing-to-do":
      await book.append({ event: "not-applicable", orderId, step: index, because: checked.because });
      return undefined;
    case "satisfied": {
      if (!again) await promise({ kind: "nothing" });
      const left = step.kind === "reboot" ? await whatRestartLeft(book, ports, order, index) : undefined;
      if (left !== undefined) {
        await book.append(failed(order, index, left));
        return undefined;
      }
      await book.append({ event: "done", orderId, step: index, files: [...checked.files] });
      return undefined;
    }
    case "wait":
      if (!again) await promise({ kind: "nothing" });
      else if (isWaitDue(ports, state)) await book.append({ event: "waited", orderId, step: index });
      return { kind: "waits", againInMs: checked.againInMs };
    case "work": {
      const because = forbiddenBecause(sourceOf(ports, order), step, ports.safeMode.mode);
      const wayIn = isPurpose(step.kind) ? wayInOf(order.steps, index) : undefined;
      if (wayIn !== undefined && !isSafe(ports.safeMode.mode)) {
        const back = await goBackIntoSafeMode(ports, order, wayIn);
        if (back.kind === "ending") return back;
        await book.append(failed(order, index, back));
      } else if (because === undefined) {
        await promise(checked.memo);
        return act(book, ports, index);
      } else await book.append(failed(order, index, fault("permission-denied", because)));
      return undefined;
    }
    default:
      return assertNever(checked);
  }
}

/** The first step before this restart whose effect was left to it and is not there. */
async function whatRestartLeft(
  book: JournalBook,
  ports: RunPorts,
  order: OrderState,
  index: number,
): Promise<Fault | undefined> {
  for (const state of order.steps.slice(0, index)) {
    if (state.status !== "done") continue;
    const looked = await performerOf(state.step.kind).afterRestart?.(state.step, contextOf(book, ports, order, state));
    if (looked?.kind === "fault") return looked;
  }
  return undefined;
}

/** The promise stands; now the effect, and a look whether it is there. */
async function act(book: JournalBook, ports: RunPorts, index: number): Promise<Standing | undefined> {
  const order = book.state.underWay;
  if (order === undefined) throw new Error("a step was promised for an order that is not under way");
  const state = stateOf(order, index);
  const { step } = state;
  const performer = performerOf(step.kind);
  const context = contextOf(book, ports, order, state);
  const applied = await performer.apply(step, context);
  if (applied.kind === "ending") return { kind: "ending", step: index, withinMs: applied.withinMs };
  if (applied.kind === "nothing-to-do") {
    await book.append({ event: "not-applicable", orderId: order.orderId, step: index, because: applied.because });
    return undefined;
  }
  const verified = applied.kind === "fault" ? applied : await performer.verify(step, context);
  await book.append(
    verified.kind === "fault"
      ? failed(order, index, verified)
      : { event: "done", orderId: order.orderId, step: index, files: [...verified.value] },
  );
  return undefined;
}

async function undo(
  book: JournalBook,
  ports: RunPorts,
  order: OrderState,
  index: number,
): Promise<Standing | undefined> {
  const { orderId } = order;
  const state = stateOf(order, index);
  const wayIn = wayInOf(order.steps, index);
  const inSafeMode = isSafe(ports.safeMode.mode);
  if (wayIn !== undefined && !inSafeMode && !order.withdrawn && isUndoneInSafeMode(order.steps, index)) {
    const back = await goBackIntoSafeMode(ports, order, wayIn);
    if (back.kind === "ending") return back;
  }
  if (state.status !== "undoing") await book.append({ event: "undo-start", orderId, step: index });
  const undone = await performerOf(state.step.kind).undo(state.step, contextOf(book, ports, order, state));
  if (undone.kind === "ok") {
    await book.append({ event: "undo-done", orderId, step: index });
    return undefined;
  }
  const because = sayable(`it could not be undone: ${undone.because}`);
  await book.append({ event: "undo-fail", orderId, step: index, fault: undone.fault, because });
  return undefined;
}

async function end(book: JournalBook, ports: RunPorts, order: OrderState, outcome: OrderOutcome): Promise<void> {
  const { deviceId, bootId, clock, signer } = ports;
  const facts = { deviceId, bootId, uptimeMs: Math.floor(clock.uptimeMs()), finishedAt: clock.now() };
  const receipt = seal(PAYLOAD_TYPES.receipt, makeReceipt(order, outcome, facts), [signer]);
  await book.append({ event: "ended", orderId: order.orderId, outcome, receipt });
}

export const failed = ({ orderId }: OrderState, step: number, { fault, because }: Fault): JournalEntry => ({
  event: "fail",
  orderId,
  step,
  fault,
  because: sayable(because),
});

/** A power cut may cost a tenth of the waiting time, not more; and a wait is some ten records, not more. */
function isWaitDue({ bootId, clock }: RunPorts, { step, spans }: StepState): boolean {
  const sinceMs = clock.uptimeMs() - (spans.get(bootId)?.toMs ?? 0);
  return sinceMs >= waitRecordMs(step);
}
const waitRecordMs = (step: Step): number => ("withinMs" in step ? Math.max(1_000, step.withinMs / 10) : 60_000);

function stateOf(order: OrderState, index: number): StepState {
  const state = order.steps[index];
  if (state === undefined) throw new RangeError(`the order has no step ${index}`);
  return state;
}
