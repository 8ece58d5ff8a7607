/**
 * Which of a device's queued orders is next, as its rows tell. Pure.
 *
 * The mailbox hands out the oldest open order and nothing beside it; the rows say the same, so that an order that is
 * "offered" really lies ready. Where the rows know less than the mailbox (an order that was withdrawn and not answered),
 * the queued one shows as queued until the device takes it.
 */
import type { DeviceStatus } from "../../protocol/rollout.ts";
import type { RolloutDeviceRow } from "../store/rollouts.ts";

/** Statuses whose order may still be open in the mailbox, before all that are queued. */
const AHEAD: ReadonlySet<DeviceStatus> = new Set(["offered", "running", "silent", "timed-out"]);

/** @param rows of one device in all rollouts, in the order in which the rollouts were started */
export function nextOfQueue<Row extends Pick<RolloutDeviceRow, "status" | "since">>(
  rows: readonly Row[],
): Row | undefined {
  if (rows.some(({ status }) => AHEAD.has(status))) return undefined;
  return rows
    .filter(({ status }) => status === "queued")
    .reduce<Row | undefined>((first, row) => (first === undefined || row.since < first.since ? row : first), undefined);
}
