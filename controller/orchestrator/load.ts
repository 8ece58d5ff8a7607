/** Rebuilds memory from the store: the fleet, and each rollout by folding its events and rows. */
import type { Signer } from "../../protocol/dsse.ts";
import type { DeviceId } from "../../protocol/ids.ts";
import { PlanStatement } from "../../protocol/plan.ts";
import { peek } from "../../protocol/dsse.ts";
import type { Instant } from "../../protocol/time.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { Clock } from "../ports.ts";
import type { Store } from "../store.ts";
import type { Cursor } from "../store/feed.ts";
import type { PlanRow } from "../store/plans.ts";
import type { RolloutRow } from "../store/rollouts.ts";
import type { PlacedDevice, RolloutDefinition } from "../rollout/types.ts";
import { LiveRollout } from "./live-rollout.ts";
import { OrderMaker } from "./orders.ts";

const PAGE = 5_000;

/**
 * The end of the feed is read first: what comes in while the devices are read is folded again, which changes nothing.
 * While a page is taken in, the store reads the next one.
 */
export async function loadFleet(
  store: Store,
  fleet: Fleet,
  now: Instant,
): Promise<{ readonly fleet: Fleet; readonly cursor: Cursor }> {
  const cursor = await store.feedEnd();
  let rows = await store.devicesAfter(null, PAGE);
  for (;;) {
    const last = rows.length < PAGE ? undefined : rows.at(-1);
    const next = last === undefined ? undefined : store.devicesAfter(last.id, PAGE);
    for (const row of rows) fleet.put(row, now);
    if (next === undefined) return { fleet, cursor };
    rows = await next;
  }
}

export async function loadRollouts(
  { store, online, clock }: { readonly store: Store; readonly online: Signer; readonly clock: Clock },
  fleet: Fleet,
  wanted: (row: RolloutRow) => boolean,
): Promise<LiveRollout[]> {
  const loaded: LiveRollout[] = [];
  for (const row of await store.rollouts()) {
    if (!wanted(row)) continue;
    const plan = await store.plan(row.plan);
    if (plan === undefined || plan.envelope === null)
      throw new Error(`rollout ${row.id} has no approved plan in the store; restore the database from a backup`);
    await loadMissing(store, fleet, plan, clock.now());
    const live = new LiveRollout(row, plan, define(row, plan, fleet), new OrderMaker(plan.plan, plan.envelope, online));
    for (const event of await store.rolloutEvents(row.id)) live.takeEvent(event);
    await loadRows(store, live);
    loaded.push(live);
  }
  return loaded;
}

/** Devices that were registered at another controller a moment ago: none of a plan may be forgotten. */
async function loadMissing(store: Store, fleet: Fleet, { plan }: PlanRow, now: Instant): Promise<void> {
  for (const id of plan.waves.flatMap(({ devices }) => devices)) {
    const device = fleet.get(id) === undefined ? await store.device(id) : undefined;
    if (device !== undefined) fleet.put(device, now);
  }
}

async function loadRows(store: Store, live: LiveRollout): Promise<void> {
  let after: DeviceId | null = null;
  for (;;) {
    const rows = await store.rolloutDevicesAfter(live.row.id, after, PAGE);
    for (const row of rows) live.takeRow(row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last.device;
  }
}

/** What the engine needs to know of a plan. Devices stand where the fleet says they stand now. */
function define(row: RolloutRow, { plan, envelope }: PlanRow, fleet: Fleet): RolloutDefinition {
  if (envelope === null) throw new Error(`plan ${plan.id} is not approved`);
  const statement = peek(envelope, PlanStatement);
  const place = (id: DeviceId): PlacedDevice[] => {
    const device = fleet.get(id);
    return device === undefined ? [] : [{ id, site: device.row.site, role: device.row.role }];
  };
  return {
    id: row.id,
    plan: plan.id,
    waves: plan.strategy.waves.map(({ name, gate }, i) => ({
      name,
      gate,
      notBefore: statement.waves[i]?.notBefore ?? statement.validFrom,
      devices: (plan.waves[i]?.devices ?? []).flatMap(place),
    })),
    budgets: plan.strategy.budgets,
    windows: plan.strategy.windows,
    freezes: plan.strategy.freezes,
    patience: plan.strategy.patience,
    validUntil: statement.validUntil,
    siteSizes: new Map(fleet.sites),
    roleSizes: new Map(fleet.roles),
  };
}
