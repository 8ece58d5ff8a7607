/** What a device signs about an order: of one step, and the last one. */
import { digestOf } from "../../../protocol/canonical.ts";
import { later } from "../../../protocol/time.ts";
import { bootId, device, faulty, MINUTE, NOON, orderId, path, planId } from "./cast.ts";

export const receipt = {
  schema: "ringback.receipt/1",
  orderId,
  planId,
  deviceId: device,
  outcome: "failed",
  steps: [
    {
      kind: "quarantine-file",
      outcome: "undone",
      files: [{ path, sha256: faulty, sizeBytes: 41_004, effect: "quarantined" }],
    },
    { kind: "set-service-start", outcome: "not-applicable", files: [] },
    { kind: "reboot", outcome: "done", files: [] },
    {
      kind: "await-healthy",
      outcome: "failed",
      fault: "timed-out",
      because: "CSFalconService was not running 30 minutes after the restart",
      files: [],
    },
  ],
  bootId,
  durationMs: 34 * MINUTE,
  finishedAt: later(NOON, 55 * MINUTE),
  lastStepReceipt: digestOf("the last step's receipt"),
};

export const stepReceipt = {
  schema: "ringback.step-receipt/1",
  orderId,
  planId,
  deviceId: device,
  step: 0,
  kind: "quarantine-file",
  event: "failed",
  fault: "file-locked",
  because: "another process holds the file open",
  files: [],
  bootId,
  at: later(NOON, 25 * MINUTE),
  previous: null,
};
