/** Stands for the fleet desk: overview, groups and content. Devices run no content, so there is none to list. */
import type { Group } from "../../../protocol/api.ts";
import type { GroupName } from "../../../protocol/names.ts";
import type { FleetDesk } from "../../../controller/ports/fleet-desks.ts";
import { Refused } from "../../../controller/ports/refused.ts";
import { STARTED_AT } from "./notices.ts";
import type { FakeRecord } from "./record.ts";
import { conditionsOf, selected, standingsOf } from "./selection.ts";

export function fleetPart(record: FakeRecord): Omit<FleetDesk, "registerDevice" | "devices" | "deviceFacets"> {
  const groups = new Map<GroupName, Group>();
  return {
    async overview() {
      record.mayFail("overview");
      const devices = [...record.byDevice.values()];
      return {
        asOf: record.now(),
        sentence: `${devices.length} machines; nothing is known to be wrong.`,
        devices: devices.length,
        conditions: conditionsOf(devices),
        standings: standingsOf(devices),
        connected: devices.filter(({ connected }) => connected).length,
        incidents: [...record.byIncident.values()],
        rollouts: [...record.byRollout.values()].map(({ id, title, phase, because, counts }) => ({
          id,
          title,
          phase,
          because,
          counts,
        })),
        starterKeys: true,
        controllerStartedAt: STARTED_AT,
      };
    },

    async groups() {
      const items = [...groups.values()].map((group) => ({
        ...group,
        deviceCount: selected(record, group.selector).length,
      }));
      return { items, asOf: record.now() };
    },

    async putGroup(group) {
      groups.set(group.name, group);
    },

    async deleteGroup(name) {
      if (!groups.delete(name)) throw new Refused("not-found", `There is no group ${name}.`);
    },

    async content() {
      return { items: [], asOf: record.now() };
    },
  };
}
