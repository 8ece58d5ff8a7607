/** Routes about the fleet: who is asking, the overview, devices, groups, content, incidents. */
import { z } from "zod";
import {
  ContentList,
  DeviceRegistration,
  DeviceView,
  GroupBody,
  GroupList,
  GroupView,
  IncidentCrashPage,
  Overview,
  PageQuery,
} from "../../protocol/api.ts";
import { IncidentList, IncidentRequest, IncidentView } from "../../protocol/api-incidents.ts";
import { DeviceFacetQuery, DeviceFacets, DevicePage, DeviceQuery } from "../../protocol/api-devices.ts";
import { DeviceId, IncidentId } from "../../protocol/ids.ts";
import { GroupName } from "../../protocol/names.ts";
import { Refused } from "../ports.ts";
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
  route({
    method: "get",
    path: "/incidents",
    operation: "listIncidents",
    summary: "Declared incidents",
    answers: { 200: "All incidents" },
    schema: IncidentList,
    handle: async (_input, { administration }) => ok(await administration.incidents()),
  }),
  route({
    method: "post",
    path: "/incidents",
    operation: "declareIncident",
    summary: "Declare a content version faulty",
    description: "Declaring changes nothing on any device.",
    body: IncidentRequest,
    answers: { 201: "The incident" },
    schema: IncidentView,
    repeatable: true,
    handle: async ({ body, by }, { administration }) => {
      const incident = await administration.declareIncident(body, by);
      return created(incident, `/incidents/${incident.id}`);
    },
  }),
  route({
    method: "get",
    path: "/incidents/{id}",
    operation: "getIncident",
    summary: "One incident",
    params: z.strictObject({ id: IncidentId }),
    answers: { 200: "The incident" },
    schema: IncidentView,
    handle: async ({ params }, { administration }) => ok(await administration.incident(params.id)),
  }),
  route({
    method: "get",
    path: "/incidents/{id}/crashes",
    operation: "listIncidentCrashes",
    summary: "The crash evidence that is kept with an incident, one report a device, a page at a time",
    params: z.strictObject({ id: IncidentId }),
    query: PageQuery,
    answers: { 200: "One page; `next` is the cursor of the one after it, null on the last" },
    schema: IncidentCrashPage,
    handle: async ({ params, query }, { administration }) => ok(await administration.incidentCrashes(params.id, query)),
  }),
];
