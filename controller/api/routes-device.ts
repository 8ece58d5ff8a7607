/** Routes about one device: its boots with their evidence, its reports as they came, its orders with their receipts. */
import {
  BootPage,
  BootQuery,
  OneDevice,
  OrderPage,
  OrderQuery,
  ReportPage,
  ReportQuery,
} from "../../protocol/api-device.ts";
import { ok, type Route, route } from "./route.ts";

export const DEVICE_ROUTES: readonly Route[] = [
  route({
    method: "get",
    path: "/devices/{id}/boots",
    operation: "listDeviceBoots",
    summary: "A device's boots, newest first: when, what ran, how each ended and who says so",
    description:
      "Boots in which the agent never ran are among them, as far as a later boot sent what the event log says. Boots stand in the order in which the controller heard of them; the device's clock is shown, never sorted by.",
    params: OneDevice,
    query: BootQuery,
    answers: { 200: "One page; `next` is the cursor of the older ones, null on the last" },
    schema: BootPage,
    handle: async ({ params, query }, { administration }) => ok(await administration.deviceBoots(params.id, query)),
  }),
  route({
    method: "get",
    path: "/devices/{id}/reports",
    operation: "listDeviceReports",
    summary: "Every stored report of a device as it was received, newest first",
    description:
      "With `kind`, one request looks through 5,000 reports: a page may then hold fewer than were asked for, or none, and still have a `next`.",
    params: OneDevice,
    query: ReportQuery,
    answers: { 200: "One page; `next` is the cursor of the older ones, null on the last" },
    schema: ReportPage,
    handle: async ({ params, query }, { administration }) => ok(await administration.deviceReports(params.id, query)),
  }),
  route({
    method: "get",
    path: "/devices/{id}/orders",
    operation: "listDeviceOrders",
    summary: "A device's orders, newest first: steps with journal, refusal, receipt and whether its signature is good",
    params: OneDevice,
    query: OrderQuery,
    answers: { 200: "One page; `next` is the cursor of the older ones, null on the last" },
    schema: OrderPage,
    handle: async ({ params, query }, { administration }) => ok(await administration.deviceOrders(params.id, query)),
  }),
];
