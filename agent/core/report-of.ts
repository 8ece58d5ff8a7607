/** What the controller is told of a line of the journal, if anything. */
import type { Envelope } from "../../protocol/dsse.ts";
import { assertNever } from "../../protocol/exhaustive.ts";
import type { ReportBody } from "../../protocol/frames.ts";
import type { StepProgress } from "../../protocol/progress.ts";
import type { JournalRecord } from "./journal-records.ts";

export function reportOf(record: JournalRecord): ReportBody | undefined {
  const { orderId } = record;
  switch (record.event) {
    case "accepted":
      return { kind: "order-accepted", orderId };
    case "refused":
      return { kind: "order-refused", orderId, rule: record.rule, because: record.because };
    case "ended":
      return { kind: "order-ended", orderId, receipt: record.receipt };
    case "start":
      return record.again ? undefined : progress({ orderId, step: record.step, event: "started" });
    case "done":
      return progress({ orderId, step: record.step, event: "done" }, record.receipt);
    case "not-applicable":
      return progress({ orderId, step: record.step, event: "not-applicable", because: record.because }, record.receipt);
    case "fail": {
      const { step, fault, because } = record;
      return progress({ orderId, step, event: "failed", fault, because }, record.receipt);
    }
    case "undo-start":
      return progress({ orderId, step: record.step, event: "undo-started" });
    case "undo-done":
      return progress({ orderId, step: record.step, event: "undone" }, record.receipt);
    case "undo-fail": {
      const { step, fault, because } = record;
      return progress({ orderId, step, event: "undo-failed", fault, because }, record.receipt);
    }
    case "withdrawn":
    case "resumed":
    case "leaving":
    case "waited":
    case "abandon":
    case "settled":
      return undefined; // the device's own business
    default:
      return assertNever(record);
  }
}

const progress = (step: StepProgress, receipt?: Envelope): ReportBody => ({
  kind: "step-progress",
  progress: receipt === undefined ? step : { ...step, receipt },
});
