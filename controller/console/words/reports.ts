/** The kinds of reports in words. */
import type { ReportKind } from "../../../protocol/api-device.ts";

export const REPORT_KINDS: Readonly<Record<ReportKind, string>> = {
  "boot-began": "A boot began",
  "boot-healthy": "The boot is good",
  "content-changed": "Content changed",
  "order-accepted": "Order taken",
  "order-refused": "Order refused",
  "step-progress": "Step of an order",
  "order-ended": "Order ended",
  leaving: "Goodbye",
  "trust-changed": "Trust or policy taken over",
  "trust-refused": "Trust, policy or hold refused",
  emergency: "Emergency stop",
  "hold-changed": "Hold of a source",
};
