/** Routes about the fleet: who is asking, the overview, devices, groups, content. */
import { z } from "zod";
import {
  ContentList,
  DeviceRegistration,
  DeviceView,
  GroupBody,
  GroupList,
  GroupView,
  Overview,
} from "../../protocol/api.ts";
import { DeviceFacetQuery, DeviceFacets, DevicePage, DeviceQuery } from "../../protocol/api-devices.ts";
import { DeviceId } from "../../protocol/ids.ts";
import { GroupName } from "../../protocol/names.ts";
import { Refused } from "../ports/refused.ts";
import { created, done, ok, type Route, route } from "./route.ts";

export const FLEET_ROUTES: readonly Route[] = [
  route({
    method: "get",
    path: "/overview",
    operation: "getOverview",
    summary: "The state of the fleet in one sentence, with counts",
    answers: { 200: "The fleet as of now" },
    schema: Overview,
    handle: async (_input, { administration }) => ok(await administration.overview()),
  }),
  route({
    method: "get",
    path: "/devices",
    operation: "listDevices",
    summary: "Devices, filtered, a page at a time, with how many there are",
    description:
      "A cursor holds the place of a device, so pages do not shift when devices come or go; a device that is heard meanwhile moves in the order of `last-heard`.",
    query: DeviceQuery,
    answers: { 200: "One page; `next` and `previous` are the cursors of those beside it, null where there is none" },
    schema: DevicePage,
    handle: async ({ query }, { administration }) => ok(await administration.devices(query)),
  }),
  route({
    method: "get",
    path: "/devices/facets",
    operation: "listDeviceFacets",
    summary: "Sites, roles and content versions to filter devices by, with how many devices each has",
    query: DeviceFacetQuery,
    answers: { 200: "Of each kind the choices with the most devices, and how many choices there are" },
    schema: DeviceFacets,
    handle: async ({ query }, { administration }) => ok(await administration.deviceFacets(query)),
  }),
  route({
    method: "post",
    path: "/devices",
    operation: "registerDevice",
    summary: "Vouch for a device that made its own id and key",
    description: "The same registration again is answered 200 and updates name, site and role; another key is refused.",
    body: DeviceRegistration,
    answers: { 201: "The device is registered", 200: "It was registered before with this key" },
    schema: DeviceView,
    handle: async ({ body }, { administration }) => {
      const { created: isNew, device } = await administration.registerDevice(body);
      return isNew ? created(device, `/devices/${device.id}`) : ok(device);
    },
  }),
  route({
    method: "get",
    path: "/devices/{id}",
    operation: "getDevice",
    summary: "One device and the last it said",
    params: z.strictObject({ id: DeviceId }),
    answers: { 200: "The device" },
    schema: DeviceView,
    handle: async ({ params }, { administration }) => ok(await administration.device(params.id)),
  }),
  route({
    method: "get",
    path: "/groups",
    operation: "listGroups",
    summary: "Saved selections and how many devices each has now",
    answers: { 200: "All groups" },
    schema: GroupList,
    handle: async (_input, { administration }) => ok(await administration.groups()),
  }),
  route({
    method: "put",
    path: "/groups/{name}",
    operation: "putGroup",
    summary: "Make a group, or replace its selector",
    params: z.strictObject({ name: GroupName }),
    body: GroupBody,
    answers: { 200: "The group as it is now" },
    schema: GroupView,
    handle: async ({ params: { name }, body: { selector } }, { administration }) => {
      await administration.putGroup({ name, selector });
      const group = (await administration.groups()).items.find((item) => item.name === name);
      if (group === undefined) throw new Refused("conflict", `Someone else deleted the group ${name} just now.`);
      return ok(group);
    },
  }),
  route({
    method: "delete",
    path: "/groups/{name}",
    operation: "deleteGroup",
    summary: "Delete a group",
    params: z.strictObject({ name: GroupName }),
    answers: { 204: "The group is gone" },
    schema: null,
    handle: async ({ params }, { administration }) => {
      await administration.deleteGroup(params.name);
      return done();
    },
  }),
  route({
    method: "get",
    path: "/content",
    operation: "listContent",
    summary: "Content versions seen on the fleet, who runs them and how these fare",
    answers: { 200: "All versions that any device has or had when last heard" },
    schema: ContentList,
    handle: async (_input, { administration }) => ok(await administration.content()),
  }),
];
