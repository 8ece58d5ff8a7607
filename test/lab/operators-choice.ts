/** Whom the operator of a drill chooses for which wave, from what the controller says of the devices. */
import type { z } from "zod";
import type { DeviceView } from "../../protocol/api.ts";
import type * as api from "../../protocol/api.ts";
import type { DeviceId } from "../../protocol/ids.ts";

type ContentVersion = z.infer<typeof api.ContentVersionView>;

const CANARY = 2;

/**
 * Every device that has the version, and every one of which it is not known that it is well: a machine that died at once
 * had no time to say what it took.
 */
export const isMeant = (device: DeviceView, content: ContentVersion): boolean =>
  device.content.some(({ sha256 }) => sha256 === content.sha256) ||
  !device.connected ||
  !["healthy", "away"].includes(device.condition);

/** Whether enough devices came back after a crash to fill the waves in which a trial must give an answer. */
export const canTry = (devices: readonly DeviceView[]): boolean =>
  devices.filter(cameBack).length >= CANARY + quarterOf(devices);

/** It crashed, and was heard in the boot after: an order can reach it. */
const cameBack = ({ lastEnd }: DeviceView): boolean => lastEnd?.kind === "bugcheck";
const quarterOf = ({ length }: readonly DeviceView[]): number => Math.max(1, Math.round(length / 4));

/**
 * The canary: two devices that crashed and came back, since a trial on a machine that works, or on one that never
 * answers, shows nothing; no domain controllers, if that can be. Then a quarter of the same kind. Machines that still
 * work come last: their sites need them until others are up again.
 */
export function chooseWaves(devices: readonly DeviceView[]): readonly [canary: DeviceId[], second: DeviceId[]] {
  const rank = (device: DeviceView): number =>
    (cameBack(device) ? 0 : 4) + (device.connected ? 0 : 2) + (device.role === "domain-controller" ? 1 : 0);
  const likeliest = devices.toSorted(
    (a, b) => rank(a) - rank(b) || (b.lastHeardAt ?? 0) - (a.lastHeardAt ?? 0) || (a.id < b.id ? -1 : 1),
  );
  const ids = likeliest.map(({ id }) => id);
  return [ids.slice(0, CANARY), ids.slice(CANARY, CANARY + quarterOf(devices))];
}
