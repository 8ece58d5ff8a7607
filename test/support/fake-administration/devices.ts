/**
 * Stands for the device desk: one, a page of them, what they can be filtered by.
 *
 * Faithful in filters and counts. Pages go by id only, and devices have no history.
 */
import type { z } from "zod";
import type { DeviceView } from "../../../protocol/api.ts";
import type { DeviceFacetQuery } from "../../../protocol/api-devices.ts";
import type { DeviceDesk, FleetDesk } from "../../../controller/ports/fleet-desks.ts";
import type { FakeRecord } from "./record.ts";
import { conditionsOf, standingsOf } from "./selection.ts";

export function devicesPart(record: FakeRecord): DeviceDesk & Pick<FleetDesk, "devices" | "deviceFacets"> {
  return {
    async device(id) {
      return record.deviceOf(id);
    },

    /** By id only; its cursor is the id of the last one. */
    async devices(query) {
      const { cursor, limit } = query;
      const all = filtered(record, query).sort((a, b) => (a.id < b.id ? -1 : 1));
      const rest = all.filter((device) => cursor === undefined || device.id > cursor);
      const items = rest.slice(0, limit).map((device) => {
        const { id, name, site, role, condition, connected, registeredAt, lastHeardAt, lastEnd, lastBoot, content } =
          device;
        const { standing, counts, group, image } = device;
        const stands = { standing, counts, group, image };
        const versions = content.map(({ source, label }) => ({ source, label }));
        const tries = lastBoot?.tries ?? null;
        return {
          id,
          name,
          site,
          role,
          condition,
          connected,
          ...stands,
          registeredAt,
          lastHeardAt,
          lastEnd,
          tries,
          versions,
        };
      });
      return {
        items,
        next: rest.length > limit ? (items.at(-1)?.id ?? null) : null,
        previous: null,
        asOf: record.now(),
        total: all.length,
        before: all.length - rest.length,
        fleet: record.byDevice.size,
        gone: 0,
        counted: record.byDevice.size,
        standings: standingsOf([...record.byDevice.values()]),
        conditions: conditionsOf(filtered(record, { ...query, condition: undefined })),
      };
    },

    async deviceFacets(query) {
      const bySite = Map.groupBy(filtered(record, { ...query, site: undefined }), ({ site }) => site);
      const byRole = Map.groupBy(filtered(record, { ...query, role: undefined }), ({ role }) => role);
      return {
        sites: {
          items: [...bySite].map(([site, { length }]) => ({ site, devices: length })),
          choices: bySite.size,
        },
        roles: {
          items: [...byRole].map(([role, { length }]) => ({ role, devices: length })),
          choices: byRole.size,
        },
        content: { items: [], choices: 0 },
        asOf: record.now(),
      };
    },

    async deviceBoots(id) {
      record.deviceOf(id);
      return { items: [], next: null, asOf: record.now() };
    },

    async deviceReports(id) {
      record.deviceOf(id);
      return { items: [], next: null, asOf: record.now() };
    },

    async deviceOrders(id) {
      record.deviceOf(id);
      return { items: [], next: null, asOf: record.now() };
    },
  };
}

function filtered(
  record: FakeRecord,
  { site, role, condition, search }: z.output<typeof DeviceFacetQuery>,
): DeviceView[] {
  return [...record.byDevice.values()]
    .filter((device) => (site ?? device.site) === device.site && (role ?? device.role) === device.role)
    .filter((device) => (condition ?? device.condition) === device.condition)
    .filter(({ name }) => name.toLowerCase().includes((search ?? "").toLowerCase()));
}
