/** The device's own account of an order, made from the journal alone. */
import type { BootId } from "../../protocol/boot.ts";
import { assertNever } from "../../protocol/exhaustive.ts";
import type { DeviceId } from "../../protocol/ids.ts";
import type { OrderOutcome, Receipt, StepOutcome } from "../../protocol/progress.ts";
import type { Instant } from "../../protocol/time.ts";
import { elapsedMs, extendSpans } from "./elapsed.ts";
import type { OrderState, StepState } from "./journal.ts";
import { sayableMs } from "./sayable.ts";

export interface ReceiptFacts {
  readonly deviceId: DeviceId;
  readonly bootId: BootId;
  readonly uptimeMs: number;
  readonly finishedAt: Instant;
}

export function makeReceipt(order: OrderState, outcome: OrderOutcome, facts: ReceiptFacts): Receipt {
  const { deviceId, bootId, uptimeMs, finishedAt } = facts;
  return {
    schema: "ringback.receipt/1",
    orderId: order.orderId,
    planId: order.planId,
    deviceId,
    outcome,
    steps: order.steps.map(accountOf),
    bootId,
    durationMs: sayableMs(elapsedMs(extendSpans(order.spans, bootId, uptimeMs))),
    finishedAt,
    ...(order.lastStepReceipt === undefined ? {} : { lastStepReceipt: order.lastStepReceipt }),
  };
}

/** `files` are what the step did; with the outcome `undone` they were put back. */
function accountOf(state: StepState): Receipt["steps"][number] {
  const because = [state.failure?.because, state.because].filter((words) => words !== undefined).join("; ");
  return {
    kind: state.step.kind,
    outcome: outcomeOf(state),
    ...(state.failure === undefined ? {} : { fault: state.failure.fault }),
    ...(because === "" ? {} : { because: because.slice(0, 1_000) }),
    files: [...state.files],
  };
}

/** The step that failed stays `failed` when what it had begun was put back: that is what a gate must see. */
function outcomeOf({ status, failure }: StepState): StepOutcome {
  switch (status) {
    case "done":
    case "not-applicable":
    case "failed":
    case "undo-failed":
      return status;
    case "undone":
      return failure === undefined ? "undone" : "failed";
    case "not-begun":
    case "abandoned":
      return "not-begun";
    case "started":
    case "undoing":
      throw new RangeError(`a step that is ${status} has no outcome yet`);
    default:
      return assertNever(status);
  }
}
