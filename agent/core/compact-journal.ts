/** Keeps the journal small: an order that ended long ago is one record, the newest are kept whole. */
import { foldJournal, type OrderState } from "./journal.ts";
import type { JournalRecord } from "./journal-records.ts";

const RECORDS_MAX = 2_000;
/** Orders whose every step stays readable on the device. */
const ORDERS_WHOLE = 20;
/** Orders and refusals that are remembered in any case: a replay of an older one fails by generation. */
const ORDERS_KEPT = 500;
const REFUSALS_KEPT = 200;

/** The same journal in fewer records, or nothing if it is short enough. @throws JournalCorrupt */
export function compactJournal(records: readonly JournalRecord[]): readonly JournalRecord[] | undefined {
  if (records.length <= RECORDS_MAX) return undefined;
  const { orders } = foldJournal(records);
  const newest = [...orders.keys()].reverse();
  const whole = new Set(newest.slice(0, ORDERS_WHOLE));
  const kept = new Set(newest.slice(0, ORDERS_KEPT));
  // However busy the others are, the newest generation of each source is never forgotten: older ones stay refused.
  for (const { orderId } of newestOfEachSource(orders.values())) kept.add(orderId);
  const refusals = records.filter(({ event }) => event === "refused").slice(-REFUSALS_KEPT);
  const recent = new Set(refusals);
  const compact = records.flatMap((record): readonly JournalRecord[] => {
    if (record.event === "refused") return recent.has(record) ? [record] : [];
    if (whole.has(record.orderId)) return [record];
    if (!kept.has(record.orderId)) return [];
    if (record.event === "settled") return [record];
    if (record.event !== "ended") return [];
    const order = orders.get(record.orderId);
    if (order === undefined) return [];
    const { orderId, digest, planId, source, era, generation, issuedAt, freshAt, statement } = order;
    const { n, bootId, uptimeMs, at, outcome, receipt } = record;
    return [
      {
        event: "settled",
        n,
        bootId,
        uptimeMs,
        at,
        orderId,
        digest,
        planId,
        source,
        era,
        generation,
        issuedAt,
        freshAt,
        ...(statement === undefined ? {} : { statement }),
        outcome,
        receipt,
      },
    ];
  });
  return compact.length < records.length ? compact : undefined;
}

function newestOfEachSource(orders: Iterable<OrderState>): Iterable<OrderState> {
  const newest = new Map<string, OrderState>();
  for (const order of orders) {
    const key = `${order.source} ${order.era}`;
    if (order.generation > (newest.get(key)?.generation ?? 0)) newest.set(key, order);
  }
  return newest.values();
}
