/**
 * What a change of the feed means for a device's row in a rollout. Pure.
 *
 * Invariant: reading the same change twice gives the same row, so the feed may be read again after a restart. A row
 * follows only reports of its own order: what an older order of the device says later changes nothing.
 */
import type { Receipt, StepProgress } from "../../protocol/progress.ts";
import type { DeviceStatus } from "../../protocol/rollout.ts";
import type { Change } from "../store/feed.ts";
import type { RolloutDeviceRow } from "../store/rollouts.ts";
import { shutOut } from "./shut-out.ts";
import { checkReceipt, checkStepReceipt, type Witness } from "./receipts.ts";

/** Statuses in which an order may still begin or go on. A timed-out one may still end, but is not waited for. */
const OPEN: readonly DeviceStatus[] = ["offered", "queued", "running", "silent"];

/** The row after the change, or undefined if it stays as it is. */
export function interpret(row: RolloutDeviceRow, change: Change, witness: Witness): RolloutDeviceRow | undefined {
  const { body, at } = change;
  const become = (status: DeviceStatus, detail: string | null): RolloutDeviceRow | undefined =>
    row.status === status && row.detail === detail
      ? undefined
      : { ...row, status, since: row.status === status ? row.since : at, detail };

  const isOpen = OPEN.includes(row.status);
  const mayEnd = isOpen || row.status === "timed-out";

  switch (body.kind) {
    case "order-accepted":
      return row.order === body.orderId && isOpen ? become("running", "took the order") : undefined;
    case "step-progress":
      if (row.order !== body.progress.orderId || !isOpen) return undefined;
      return become(
        "running",
        checkStepReceipt(body.progress, change.deviceId, witness)?.kind === "unproven"
          ? `${describeStep(body.progress)}; its receipt proves nothing`
          : describeStep(body.progress),
      );
    case "order-refused":
      if (row.order !== body.orderId || !mayEnd) return undefined;
      return body.rule === "withdrawn"
        ? become("stopped", body.because)
        : become("refused", `${body.rule}: ${body.because}`);
    case "order-ended": {
      if (row.order !== body.orderId || !mayEnd) return undefined;
      const check = checkReceipt(body.receipt, { device: change.deviceId, order: body.orderId }, witness);
      return check.kind === "verified"
        ? become(check.receipt.outcome, describeReceipt(check.receipt))
        : become("failed", "the receipt is not signed by this device's key, or not for this order: it proves nothing");
    }
    case "dropped":
    case "registered":
      return undefined;
    case "standing":
      return shutOut(row, body.standing, at);
    case "connected":
    case "boot-began":
    case "boot-healthy":
    case "content-changed":
    case "leaving":
    case "trust-changed":
    case "trust-refused":
    case "emergency":
    case "hold-changed":
      return row.status === "silent" ? become("running", "heard again") : undefined;
  }
}

function describeStep({ step, event, fault, because }: StepProgress): string {
  const what = `step ${step + 1} ${event.replace("-", " ")}`;
  const why = [fault, because].filter((part) => part !== undefined).join(": ");
  return why === "" ? what : `${what} (${why})`;
}

function describeReceipt({ outcome, steps }: Receipt): string {
  const failed = steps.findIndex(
    (step) => step.outcome === "failed" || step.outcome === "undone" || step.outcome === "undo-failed",
  );
  const bad = steps.find((step) => step.fault !== undefined);
  if (outcome === "failed" && bad !== undefined)
    return `${bad.kind} failed: ${[bad.fault, bad.because].filter(Boolean).join(", ")}`;
  if (outcome === "failed" && failed >= 0) return `step ${failed + 1} failed`;
  const files = steps.flatMap((step) => step.files).length;
  switch (outcome) {
    case "succeeded":
      return files > 0
        ? `proved by a clean boot; ${files === 1 ? "1 file" : `${files} files`} moved`
        : "proved by a clean boot";
    case "not-applicable":
      return "nothing to do on this device; nothing was changed";
    case "stopped":
      return "stopped at a safe point; steps already done stay done";
    case "failed":
      return "failed";
  }
}
