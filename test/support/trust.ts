/** Trust for tests: people with keys, a document and a policy that they signed, and what a device keeps of both. */
import { type BeliefRecord, newBelief } from "../../agent/core/belief.ts";
import type { Clock } from "../../controller/ports.ts";
import type { TrustKeeper } from "../../controller/ports/trust.ts";
import type { Store } from "../../controller/store.ts";
import type { FirstTrustKeys } from "../../controller/trust/first-trust.ts";
import { openTrustKeeper } from "../../controller/trust/keeper.ts";
import { verifyRaw } from "../../controller/trust/verify-raw.ts";
import { type Envelope, PAYLOAD_TYPES, payloadDigest, seal, type Signer } from "../../protocol/dsse.ts";
import { Freshness } from "../../protocol/freshness.ts";
import type { DeviceId } from "../../protocol/ids.ts";
import { Step } from "../../protocol/playbook.ts";
import { Policy } from "../../protocol/policy.ts";
import type { VerifyRaw } from "../../protocol/signatures.ts";
import { type Instant, later } from "../../protocol/time.ts";
import { type Holder, TRUST_LIFETIME_MS_MAX, TrustDocument } from "../../protocol/trust-document.ts";
import { aKey, type TestKey } from "./keys.ts";

export const ROOT = aKey("root");
const POLICY_HOLDER = aKey("policy holder");
export const APPROVER = aKey("approver");
export const ONLINE = aKey("online");

export const aHolder = (person: string, ...keys: TestKey[]): Holder => ({
  person,
  name: `Dr ${person}`,
  keys: keys.map(({ keyId, publicKey }) => ({ keyId, kind: "p256", publicKey, starter: false })),
});

/** Good for the next 30 days, so that agents with a real clock take it; one approver is enough. */
export function aTrust(over: Partial<TrustDocument> = {}): TrustDocument {
  const issuedAt = Date.now() as Instant;
  return TrustDocument.parse({
    schema: "ringback.trust/1",
    version: 3,
    issuedAt,
    expiresAt: later(issuedAt, TRUST_LIFETIME_MS_MAX),
    roots: { threshold: 1, holders: [aHolder("rosa", ROOT)] },
    policyHolders: { threshold: 1, holders: [aHolder("paul", POLICY_HOLDER)] },
    approvers: { threshold: 1, holders: [aHolder("ada", APPROVER)] },
    online: [{ keyId: ONLINE.keyId, publicKey: ONLINE.publicKey }],
    passkeys: null,
    eras: [],
    ...over,
  });
}

export const aPolicy = (over: Partial<Policy> = {}): Policy =>
  Policy.parse({
    schema: "ringback.policy/1",
    version: 1,
    issuedAt: Date.now(),
    sources: [
      {
        source: "*",
        roots: ["C:\\Windows\\System32\\drivers", "C:\\ProgramData"],
        steps: Step.options.map((option) => option.shape.kind.value),
        holdable: true,
      },
    ],
    limits: {
      filesPerOrderMax: 100,
      disruptionGapMs: 0,
      validityMsMax: 30 * 86_400_000,
      keyFileAboveDevices: null,
      restoreThreshold: null,
    },
    standingOrders: [],
    ...over,
  });

export const sealTrust = (document: TrustDocument, ...signers: readonly Signer[]): Envelope =>
  seal(PAYLOAD_TYPES.trust, document, signers.length === 0 ? [ROOT] : signers);
export const sealPolicy = (policy: Policy, ...signers: readonly Signer[]): Envelope =>
  seal(PAYLOAD_TYPES.policy, policy, signers.length === 0 ? [POLICY_HOLDER] : signers);

/** What a device has that took both. */
export function believing(document = aTrust(), policy = aPolicy()): BeliefRecord {
  const trust = sealTrust(document);
  return {
    ...newBelief(payloadDigest(trust)),
    trust,
    policy: sealPolicy(policy),
    told: { trustVersion: document.version, policyVersion: policy.version },
  };
}

export const aFreshWord = (
  deviceId: DeviceId,
  nonce: string,
  at: Instant,
  over: Partial<Freshness> = {},
  signer: Signer = ONLINE,
): Envelope =>
  seal(
    PAYLOAD_TYPES.freshness,
    Freshness.parse({
      schema: "ringback.freshness/1",
      deviceId,
      nonce,
      at,
      trustVersion: 1,
      policyVersion: 1,
      ...over,
    }),
    [signer],
  );

/** The keys that a controller makes at its first start. */
const STARTER_KEYS: FirstTrustKeys = {
  roots: { signer: ROOT, publicKey: ROOT.publicKey },
  policyHolders: { signer: POLICY_HOLDER, publicKey: POLICY_HOLDER.publicKey },
  approvers: { signer: APPROVER, publicKey: APPROVER.publicKey },
  online: { signer: ONLINE, publicKey: ONLINE.publicKey },
};

export const aTrustKeeper = (
  store: Store,
  clock: Pick<Clock, "now">,
  keys: FirstTrustKeys = STARTER_KEYS,
  verify: VerifyRaw = verifyRaw,
): Promise<TrustKeeper> => openTrustKeeper({ store, keys, clock, verify });
