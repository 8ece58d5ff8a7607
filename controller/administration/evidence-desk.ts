/**
 * Gathers what a third party needs to judge a rollout, and seals it.
 *
 * Invariant: what the bundle says of a device fits what it holds of that device. The rollout goes on meanwhile, so
 * statuses are taken at one moment of the feed, receipts that came later are left out, and what orders rest on (trust,
 * policies, events) is taken when all orders are there.
 */
import { assembleOrders } from "../../protocol/assemble-evidence.ts";
import { digestOf, type Sha256 } from "../../protocol/canonical.ts";
import { type DeviceEvidence, type EvidenceBody, sealEvidence } from "../../protocol/evidence-bundle.ts";
import type { DeviceId, RolloutId } from "../../protocol/ids.ts";
import type { DeviceStatus } from "../../protocol/rollout.ts";
import type { EvidenceDesk } from "../ports/rollout-desks.ts";
import { Refused } from "../ports/refused.ts";
import type { DeviceTrace, SignedReceipt } from "../store/evidence.ts";
import type { Cursor } from "../store/feed.ts";
import { statusOf } from "../rollout/engine.ts";
import type { Desk } from "./desk.ts";

/** Their reports are read in some ten milliseconds, so that others who read are not kept waiting. */
const DEVICES_A_PAGE = 100;
/** Of some 6 KB each: a file of 300 MB, which whoever verifies it still reads as one text. */
const DEVICES_MAX = 50_000;

/** How things stood when the export began. */
interface Moment {
  readonly statuses: ReadonlyMap<DeviceId, DeviceStatus>;
  readonly position: Cursor;
}

export function evidenceDesk({ orchestrator, trust }: Desk): EvidenceDesk {
  const { store, clock } = orchestrator.deps;

  const begin = (id: RolloutId): Promise<Moment> =>
    orchestrator.exclusively(async () => {
      const { state } = orchestrator.rolloutOf(id);
      const statuses = new Map<DeviceId, DeviceStatus>();
      for (const { device, status } of orchestrator.rolloutOf(id).allRows())
        statuses.set(device, statusOf(state, device) ?? status);
      if (statuses.size > DEVICES_MAX)
        throw new Refused(
          "wrong-state",
          `This rollout has ${statuses.size} devices, and a bundle holds ${DEVICES_MAX}. Nothing was exported; the record itself is whole. Plan so large a change as several rollouts if it has to be proved.`,
        );
      return { statuses, position: orchestrator.position };
    });

  return {
    async rolloutEvidence(rolloutId, by) {
      const moment = await begin(rolloutId);
      const devices: DeviceEvidence[] = [];
      const digests: Sha256[] = [];
      for (let after: DeviceId | null = null; ; ) {
        const page: readonly DeviceTrace[] = await store.rolloutTracesAfter(rolloutId, after, DEVICES_A_PAGE);
        for (const trace of page) {
          const device = evidenceOf(trace, moment);
          devices.push(device);
          digests.push(digestOf(device));
        }
        after = page.at(-1)?.device ?? null;
        if (after === null) break;
      }
      const { plan } = orchestrator.rolloutOf(rolloutId);
      if (plan.envelope === null) throw new Error(`rollout ${rolloutId} is of a plan that was never approved`);
      const [documents, policies] = [await store.trustDocuments(), await store.policies()];
      const body: EvidenceBody = {
        schema: "ringback.evidence/1",
        exportedAt: clock.now(),
        exportedBy: by,
        rolloutId,
        plan: plan.plan,
        statement: plan.envelope,
        trust: [...documents],
        policies: [...policies],
        devices,
        events: [...(await store.rolloutEvents(rolloutId))],
      };
      return sealEvidence(body, trust.online, digests);
    },
  };
}

function evidenceOf(
  { device, name, publicKey, registeredAt, group, orders, receipts }: DeviceTrace,
  { statuses, position }: Moment,
): DeviceEvidence {
  const envelopes = (of: SignedReceipt["of"]) =>
    receipts.flatMap((signed) => (signed.of === of && isCounted(signed, position) ? [signed.receipt] : []));
  return {
    deviceId: device,
    name,
    publicKey,
    enrolledAt: registeredAt,
    enrolledBy: group === null ? null : `a token of the group ${group}`,
    status: statuses.get(device) ?? "waiting", // of a device that no row is of, nothing can be said
    orders: assembleOrders({ orders, stepReceipts: envelopes("step"), receipts: envelopes("order") }),
  };
}

const isCounted = ({ stream, sequence }: SignedReceipt, position: Cursor): boolean =>
  sequence <= (position[stream] ?? 0);
