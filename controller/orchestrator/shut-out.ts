/**
 * What becomes of a device's row in a rollout when the device is revoked, or found on two machines. Pure.
 *
 * Invariant: no such row goes on looking as if something were awaited, and none counts as a success. A device that had
 * not begun leaves the sample, since the plan can no longer be for it; one that had begun counts against its wave,
 * because what became of it is not known.
 */
import type { DeviceStanding } from "../../protocol/enrolment.ts";
import type { DeviceStatus } from "../../protocol/rollout.ts";
import type { Instant } from "../../protocol/time.ts";
import type { RolloutDeviceRow } from "../store/rollouts.ts";

const WHAT = {
  revoked: { was: "revoked", now: "If that was a mistake, accept it" },
  cloned: { was: "found on two machines", now: "Give the copy an identity of its own, accept this one" },
} as const;

/** The row as it ends, or undefined if it stays as it is. */
export function shutOut(row: RolloutDeviceRow, standing: DeviceStanding, at: Instant): RolloutDeviceRow | undefined {
  if (standing === "accepted" || standing === "pending") return undefined;
  const { was, now } = WHAT[standing];
  const next = `${now} and make a plan for it.`;
  const end = (status: DeviceStatus, said: string): RolloutDeviceRow => ({
    ...row,
    status,
    since: at,
    detail: `${standing}: ${said} ${next}`,
  });
  switch (row.status) {
    case "waiting":
      return end("not-applicable", `it was ${was} before it was offered its order, and gets none.`);
    case "offered":
    case "queued":
      return end("not-applicable", `it was ${was} before it said that it took its order, which is withdrawn.`);
    case "running":
    case "silent":
    case "timed-out":
      return end("failed", `it was ${was} after it took its order: what became of that is not known.`);
    case "succeeded":
    case "failed":
    case "refused":
    case "not-applicable":
    case "stopped":
      return undefined;
  }
}
