/**
 * What a third party needs to judge a rollout without the controller: who decided, whom devices believed, what each was
 * ordered, and what each signed that it did.
 *
 * Everything that others signed is here as they signed it. What only the controller says (names, keys of devices,
 * statuses, events) is sealed by its online key: changed later, it is found; wrong from the beginning, it is not.
 */
import { z } from "zod";
import { canonicalBytes, digestOf, type Sha256 } from "./canonical.ts";
import { Envelope, KeyId, pae, type Signer, toBase64 } from "./dsse.ts";
import { DeviceId, RolloutId } from "./ids.ts";
import { DeviceName, text } from "./names.ts";
import { Plan } from "./plan.ts";
import { DeviceStatus, RolloutEvent } from "./rollout.ts";
import { Instant } from "./time.ts";
import { PublicKey } from "./public-key.ts";

const EVIDENCE_TYPE = "application/vnd.ringback.evidence+json";

/** A hostile device may sign any number of receipts; a plan has fewer steps than this. */
export const STEP_RECEIPTS_MAX = 100;
export const ORDERS_MAX = 100;

/** One order, the receipts of its steps in the order in which they were signed, and the last one if there is any. */
const OrderEvidence = z.strictObject({
  order: Envelope,
  steps: z.array(Envelope).max(STEP_RECEIPTS_MAX),
  receipt: Envelope.nullable(),
});
export type OrderEvidence = z.infer<typeof OrderEvidence>;

const DeviceEvidence = z.strictObject({
  deviceId: DeviceId,
  name: DeviceName,
  publicKey: PublicKey,
  /** Null: not known. */
  enrolledAt: Instant.nullable(),
  enrolledBy: text(100).nullable(),
  /** As the controller counts it. */
  status: DeviceStatus,
  /** None: it was never ordered anything. Several: an order that was not taken in time was made anew. */
  orders: z.array(OrderEvidence).max(ORDERS_MAX),
});
export type DeviceEvidence = z.infer<typeof DeviceEvidence>;

const EvidenceBody = z.strictObject({
  schema: z.literal("ringback.evidence/1"),
  exportedAt: Instant,
  exportedBy: text(100),
  rolloutId: RolloutId,
  plan: Plan,
  statement: Envelope,
  /** From the pinned document on, none left out. */
  trust: z.array(Envelope).min(1).max(1_000),
  policies: z.array(Envelope).min(1).max(1_000),
  devices: z.array(DeviceEvidence).min(1),
  events: z.array(RolloutEvent),
});
export type EvidenceBody = z.infer<typeof EvidenceBody>;

export const EvidenceBundle = z.strictObject({
  body: EvidenceBody,
  seal: z.strictObject({ keyid: KeyId, sig: z.base64().max(200) }),
});
export type EvidenceBundle = z.infer<typeof EvidenceBundle>;

/**
 * What the seal is over: the body with the digest of each device in its place, so that a large one is digested a piece
 * at a time.
 */
export const evidenceBytes = (
  body: EvidenceBody,
  devices: readonly Sha256[] = body.devices.map((device) => digestOf(device)),
): Uint8Array => pae(EVIDENCE_TYPE, canonicalBytes({ ...body, devices }));

/**
 * @param online the key that proves freshness, which devices believe too
 * @param devices their digests, if they were made before
 */
export const sealEvidence = (body: EvidenceBody, online: Signer, devices?: readonly Sha256[]): EvidenceBundle => ({
  body,
  seal: { keyid: online.keyId, sig: toBase64(online.sign(evidenceBytes(body, devices))) },
});
