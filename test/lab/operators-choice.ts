/** Whom the operator of a drill chooses for which wave, from what the controller says of the devices. */
import type { DeviceSummary } from "../../protocol/api-devices.ts";
import type { DeviceId } from "../../protocol/ids.ts";

const CANARY = 2;

/**
 * It is not known that it is well. Such a device is meant as much as those that have the version: a machine that died at
 * once had no time to say what it took.
 */
export const isInDoubt = ({ connected, condition }: DeviceSummary): boolean =>
  !connected || !["healthy", "away"].includes(condition);

/** Whether enough devices came back after a crash to fill the waves in which a trial must give an answer. */
export const canTry = (devices: readonly DeviceSummary[]): boolean =>
  devices.filter(cameBack).length >= CANARY + quarterOf(devices);

/** It crashed, and was heard in the boot after: an order can reach it. */
const cameBack = ({ lastEnd }: DeviceSummary): boolean => lastEnd?.kind === "bugcheck";
const quarterOf = ({ length }: readonly DeviceSummary[]): number => Math.max(1, Math.round(length / 4));

/**
 * The canary: two devices that crashed and came back, since a trial on a machine that works, or on one that never
 * answers, shows nothing; no domain controllers, if that can be. Then a quarter of the same kind. Machines that still
 * work come last: their sites need them until others are up again.
 */
export function chooseWaves(devices: readonly DeviceSummary[]): readonly [canary: DeviceId[], second: DeviceId[]] {
  const rank = (device: DeviceSummary): number =>
    (cameBack(device) ? 0 : 4) + (device.connected ? 0 : 2) + (device.role === "domain-controller" ? 1 : 0);
  const likeliest = devices.toSorted(
    (a, b) => rank(a) - rank(b) || (b.lastHeardAt ?? 0) - (a.lastHeardAt ?? 0) || (a.id < b.id ? -1 : 1),
  );
  const ids = likeliest.map(({ id }) => id);
  return [ids.slice(0, CANARY), ids.slice(CANARY, CANARY + quarterOf(devices))];
}
