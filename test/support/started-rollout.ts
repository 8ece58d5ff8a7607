/** A rollout as it is after its start: an approved plan, waiting devices, a leader in his first epoch. */
import type { Store } from "../../controller/store.ts";
import { later } from "../../protocol/time.ts";
import { NOON, stream } from "./fleet-builders.ts";
import { anEnvelope, aPlanRow, aRolloutDevice, aRolloutRow, planId, statementDigest } from "./record-builders.ts";

export const LEADER = stream(500);
const LEASE_MS = 60_000;

export async function startedRollout(store: Store, n: number, devices: readonly number[]): Promise<void> {
  await store.lead(LEADER, NOON, LEASE_MS);
  await store.addPlan(aPlanRow(n));
  const approval = { statement: statementDigest(n), envelope: anEnvelope(`plan ${n}`), at: later(NOON, 1), by: "Ada" };
  await store.approvePlan(planId(n), approval);
  const by = { kind: "person", name: "Ada" } as const;
  const rows = devices.map((device) => aRolloutDevice(device));
  await store.createRollout(aRolloutRow(n), rows, { kind: "started", at: NOON, by }, statementDigest(n));
}
