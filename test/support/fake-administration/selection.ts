/** Devices that a selector means, and how devices are counted. Nothing is in a group, and nothing runs on them. */
import type { Condition, DeviceView } from "../../../protocol/api.ts";
import type { DeviceStanding } from "../../../protocol/enrolment.ts";
import { matches, type Selector } from "../../../protocol/selector.ts";
import type { FakeRecord } from "./record.ts";

export function selected(record: FakeRecord, selector: Selector): DeviceView[] {
  return [...record.byDevice.values()].filter((device) =>
    matches(selector, { ...device, isIn: () => false, runs: () => false, isSilentSince: () => false }),
  );
}

export function conditionsOf(devices: readonly DeviceView[]): Record<Condition, number> {
  const conditions = { healthy: 0, starting: 0, "boot-loop": 0, silent: 0, away: 0, unknown: 0 };
  for (const { condition } of devices) conditions[condition]++;
  return conditions;
}

export function standingsOf(devices: readonly DeviceView[]): Record<DeviceStanding, number> {
  const standings = { pending: 0, accepted: 0, revoked: 0, cloned: 0 };
  for (const { standing } of devices) standings[standing]++;
  return standings;
}
