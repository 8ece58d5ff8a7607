/**
 * The device's own account of one step that came to an end, made from the journal and the record that says so.
 *
 * Invariant: a record and its receipt are one line of the journal, so no power cut leaves one without the other, and a
 * report that is sent again carries the very same signature. Each names the one before it, so that none can be left out.
 */
import { PAYLOAD_TYPES, seal, type Signer } from "../../protocol/dsse.ts";
import { assertNever } from "../../protocol/exhaustive.ts";
import type { DeviceId } from "../../protocol/ids.ts";
import type { FileEffect, StepReceipt } from "../../protocol/progress.ts";
import type { OrderState } from "./journal.ts";
import type { JournalRecord } from "./journal-records.ts";

/** Who vouches for what a journal says. */
export interface Voucher {
  readonly deviceId: DeviceId;
  readonly signer: Signer;
}

/** The record with its receipt, if it is one that ends a step of an order whose steps have receipts. */
export function vouched(record: JournalRecord, order: OrderState | undefined, by: Voucher): JournalRecord {
  if (!endsStep(record) || order === undefined || order.lastStepReceipt === undefined) return record;
  const receipt = seal(PAYLOAD_TYPES.stepReceipt, makeStepReceipt(order, record, by.deviceId), [by.signer]);
  return { ...record, receipt };
}

type StepEnd = Extract<JournalRecord, { event: "done" | "not-applicable" | "fail" | "undo-done" | "undo-fail" }>;

const endsStep = (record: JournalRecord): record is StepEnd =>
  record.event === "done" ||
  record.event === "not-applicable" ||
  record.event === "fail" ||
  record.event === "undo-done" ||
  record.event === "undo-fail";

function makeStepReceipt(order: OrderState, record: StepEnd, deviceId: DeviceId): StepReceipt {
  const { orderId, planId, lastStepReceipt: previous = null } = order;
  const { step, bootId, at } = record;
  const state = order.steps[step];
  if (state === undefined) throw new RangeError(`the order has no step ${step}`);
  const of = { schema: "ringback.step-receipt/1", orderId, planId, deviceId, step, kind: state.step.kind } as const;
  const when = { bootId, at, previous };
  switch (record.event) {
    case "done":
      return { ...of, event: "done", files: record.files, ...when };
    case "not-applicable":
      return { ...of, event: "not-applicable", because: record.because, files: [], ...when };
    case "fail":
      return { ...of, event: "failed", fault: record.fault, because: record.because, files: [], ...when };
    case "undo-done":
      return { ...of, event: "undone", files: state.files.map(putBack), ...when };
    case "undo-fail":
      return { ...of, event: "undo-failed", fault: record.fault, because: record.because, files: [], ...when };
    default:
      return assertNever(record);
  }
}

const putBack = (file: FileEffect): FileEffect => ({
  ...file,
  effect: file.effect === "quarantined" ? "restored" : "quarantined",
});
