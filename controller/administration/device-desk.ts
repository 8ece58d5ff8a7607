/** What people ask about one device: its boots, its reports as they came, its orders. */
import type { ReportKind } from "../../protocol/api-device.ts";
import { ReportKind as ReportKinds } from "../../protocol/api-device.ts";
import type { BootEvidence } from "../../protocol/boot.ts";
import { peek } from "../../protocol/dsse.ts";
import type { DeviceId } from "../../protocol/ids.ts";
import { WaveOrder } from "../../protocol/plan.ts";
import { hasCrashed } from "../fleet/condition.ts";
import type { FleetDevice } from "../fleet/fleet.ts";
import type { DeviceDesk } from "../ports/fleet-desks.ts";
import { Refused } from "../ports/refused.ts";
import type { MailboxOrder } from "../store/mailbox.ts";
import type { IngestReport } from "../store/reports.ts";
import { pageOfBoots } from "./boot-pages.ts";
import type { Desk } from "./desk.ts";
import { readBootCursor, readPosition, readReportCursor, reportCursor } from "./device-cursors.ts";
import { readBack } from "./device-history.ts";
import { ORDER_REPORTS, viewOrders } from "./device-orders.ts";
import { viewDevice } from "./views.ts";

/** Controllers' clocks differ by less: a report about an order is not older than the order by more than this. */
const SKEW_MS = 600_000;

export function deviceDesk({ orchestrator }: Desk): DeviceDesk {
  const { store, clock, verifyDevice } = orchestrator.deps;

  const mustKnow = (id: DeviceId): FleetDevice => {
    const device = orchestrator.fleet.get(id);
    if (device === undefined)
      throw new Refused("not-found", `There is no device ${id}. It may not be registered with this controller.`);
    return device;
  };

  return {
    async device(id) {
      const device = mustKnow(id);
      const row = await store.device(id);
      if (row === undefined) throw new Refused("not-found", `There is no device ${id} any more.`);
      return viewDevice(device, row, await lastEvidence(device));
    },

    async deviceBoots(id, { cursor, limit }) {
      mustKnow(id);
      const from = cursor === undefined ? null : readBootCursor(cursor);
      return { ...(await pageOfBoots(store, id, from, limit)), asOf: clock.now() };
    },

    async deviceReports(id, { cursor, limit, kind }) {
      mustKnow(id);
      const before = cursor === undefined ? undefined : readReportCursor(cursor);
      const kinds: readonly ReportKind[] = kind === undefined ? ReportKinds.options : [kind];
      const { reports, last } = await readBack(store, id, before, kinds, (found) => found.length >= limit);
      const isLast = last === null || (await store.reportsOf(id, 1, last)).length === 0;
      return {
        items: reports.map(({ deviceId: _same, ...report }) => report),
        next: isLast ? null : reportCursor(last),
        asOf: clock.now(),
      };
    },

    async deviceOrders(id, { cursor, limit }) {
      const { publicKey } = mustKnow(id).row;
      const before = cursor === undefined ? undefined : readPosition(cursor);
      const rows = await store.ordersOf(id, limit + 1, before);
      const orders = rows.slice(0, limit);
      const reports = await reportsAbout(id, orders);
      const witness = { publicKey, verify: verifyDevice };
      return {
        items: viewOrders(id, orders, reports, witness),
        next: rows.length > limit ? String(orders.at(-1)?.position) : null,
        asOf: clock.now(),
      };
    },
  };

  /** What came with the report of the last boot, if that one ended a boot badly: only then the reason speaks of it. */
  async function lastEvidence({ row, state }: FleetDevice): Promise<BootEvidence | undefined> {
    if (!hasCrashed(state)) return undefined;
    const { reports } = await readBack(store, row.id, undefined, ["boot-began"], () => true);
    const body = reports[0]?.body;
    return body?.kind === "boot-began" && body.boot.bootId === state?.boot?.bootId ? body.boot.evidence : undefined;
  }

  /** Oldest first. None is older than the oldest order. */
  async function reportsAbout(id: DeviceId, orders: readonly MailboxOrder[]): Promise<readonly IngestReport[]> {
    const oldest = orders.at(-1);
    if (oldest === undefined) return [];
    const since = peek(oldest.envelope, WaveOrder).issuedAt - SKEW_MS;
    const isBeforeAll = (_found: readonly IngestReport[], { receivedAt }: IngestReport): boolean => receivedAt < since;
    const { reports } = await readBack(store, id, undefined, ORDER_REPORTS, isBeforeAll);
    return reports.toReversed();
  }
}
