/** One report of each kind. */
import { PAYLOAD_TYPES, seal } from "../../../protocol/dsse.ts";
import { at } from "../../../protocol/time.ts";
import { boot, version } from "./boot.ts";
import { bootId, deviceKey, holdId, MINUTE, orderId, source, stopId } from "./cast.ts";
import { receipt, stepReceipt } from "./receipts.ts";

export const report = {
  "boot-began": { kind: "boot-began", boot },
  "boot-healthy": {
    kind: "boot-healthy",
    healthy: {
      bootId,
      afterMs: 2 * MINUTE,
      services: [
        { name: "CSFalconService", running: true },
        { name: "Spooler", running: false },
      ],
    },
  },
  "content-changed": {
    kind: "content-changed",
    entry: { change: "appeared", noticedAt: at("2026-11-22T11:09:02Z"), version },
  },
  "order-accepted": { kind: "order-accepted", orderId },
  "order-refused": {
    kind: "order-refused",
    orderId,
    rule: "expired",
    because: "the plan was valid until 2026-11-29 12:15 UTC; it needs a new approval",
  },
  "step-progress": {
    kind: "step-progress",
    progress: {
      orderId,
      step: 0,
      event: "failed",
      fault: "file-locked",
      because: "another process holds the file open",
      receipt: seal(PAYLOAD_TYPES.stepReceipt, stepReceipt, [deviceKey]),
    },
  },
  "order-ended": { kind: "order-ended", orderId, receipt: seal(PAYLOAD_TYPES.receipt, receipt, [deviceKey]) },
  leaving: { kind: "leaving", reason: "restart" },
  "trust-changed": { kind: "trust-changed", trustVersion: 1, policyVersion: 1 },
  "trust-refused": {
    kind: "trust-refused",
    what: "hold",
    rule: "held-too-often",
    because: "one person held this source less than 24 hours ago",
  },
  emergency: { kind: "emergency", stopId, state: "stopped" },
  "hold-changed": { kind: "hold-changed", holdId, source, state: "held" },
};
