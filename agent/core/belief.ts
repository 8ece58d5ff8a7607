/**
 * What this device believes: the pinned trust, every document that followed it, and the policy under the newest one.
 *
 * Pure. What is refused changes nothing; what is taken stands on the disk before anything is decided by it.
 */
import { z } from "zod";
import { Sha256 } from "../../protocol/canonical.ts";
import { Envelope, payloadDigest, peek } from "../../protocol/dsse.ts";
import { followPolicy, followTrust, isPolicyGood, type NotBelieved, pinnedTrust } from "../../protocol/follow-trust.ts";
import { Policy } from "../../protocol/policy.ts";
import type { VerifyRaw } from "../../protocol/signatures.ts";
import { Instant } from "../../protocol/time.ts";
import { TrustDocument } from "../../protocol/trust-document.ts";
import type { Belief } from "./admission-facts.ts";
import { Precautions } from "./precautions.ts";

/** As it lies in the agent's own folder, which nobody else may write. */
export const BeliefRecord = z.strictObject({
  schema: z.literal("ringback.belief/1"),
  /** The payload digest of the first document to believe, from the installer. */
  pin: Sha256,
  trust: Envelope.nullable(),
  policy: Envelope.nullable(),
  /** What the controller was told last. */
  told: z.strictObject({ trustVersion: z.int().min(0), policyVersion: z.int().min(0) }),
  /** When a controller was last logged in to, by the device's wall clock. For people: nothing is decided by it. */
  heardAt: Instant.nullable(),
  /** Stops and holds; left out until the first one comes. */
  precautions: Precautions.optional(),
});
export type BeliefRecord = z.infer<typeof BeliefRecord>;

export const newBelief = (pin: Sha256): BeliefRecord => ({
  schema: "ringback.belief/1",
  pin,
  trust: null,
  policy: null,
  told: { trustVersion: 0, policyVersion: 0 },
  heardAt: null,
});

/** @throws ZodError if the record holds what was never taken */
export function beliefOf({ trust, policy }: BeliefRecord): Belief | undefined {
  if (trust === null) return undefined;
  return {
    trust: peek(trust, TrustDocument),
    policy: policy === null ? undefined : peek(policy, Policy),
  };
}

export const versionsOf = (record: BeliefRecord): BeliefRecord["told"] => {
  const belief = beliefOf(record);
  return { trustVersion: belief?.trust.version ?? 0, policyVersion: belief?.policy?.version ?? 0 };
};

export interface NotTaken {
  readonly what: "trust" | "policy";
  readonly refusal: NotBelieved;
}

/** Takes what the controller has, as far as it is believed. @param documents trust documents in the order of versions */
export function believe(
  record: BeliefRecord,
  documents: readonly Envelope[],
  policy: Envelope | undefined,
  verify: VerifyRaw,
): { readonly record: BeliefRecord; readonly refused: readonly NotTaken[] } {
  const refused: NotTaken[] = [];
  let next = record;
  for (const envelope of documents) {
    const taken = takeTrust(next, envelope, verify);
    if (taken.kind === "taken") next = taken.record;
    else if (taken.kind === "refused") {
      refused.push({ what: "trust", refusal: taken.refusal });
      break; // what comes after it follows a document that is not believed
    }
  }
  if (next.trust === null && documents.length > 0) {
    const because = `none of the trust documents that came is the one with the digest ${record.pin}`;
    refused.push({ what: "trust", refusal: { kind: "refused", rule: "not-pinned", because } });
  }
  if (policy !== undefined) {
    const taken = takePolicy(next, policy, verify);
    if (taken.kind === "taken") next = taken.record;
    else if (taken.kind === "refused") refused.push({ what: "policy", refusal: taken.refusal });
  }
  return { record: next, refused };
}

type Taken =
  | { readonly kind: "taken"; readonly record: BeliefRecord }
  | { readonly kind: "had-before" }
  | { readonly kind: "refused"; readonly refusal: NotBelieved };

function takeTrust(record: BeliefRecord, envelope: Envelope, verify: VerifyRaw): Taken {
  if (record.trust === null) {
    // No trust on first use: what is not the pinned document is skipped until it comes, and counts for nothing.
    if (payloadDigest(envelope) !== record.pin) return { kind: "had-before" };
    const pinned = pinnedTrust(envelope, record.pin, verify);
    return pinned.kind === "refused"
      ? { kind: "refused", refusal: pinned }
      : { kind: "taken", record: { ...record, trust: envelope } };
  }
  const current = peek(record.trust, TrustDocument);
  if (payloadDigest(envelope) === payloadDigest(record.trust)) return { kind: "had-before" };
  const followed = followTrust(current, envelope, verify);
  if (followed.kind === "refused") return { kind: "refused", refusal: followed };
  const { policy } = record;
  const isStillGood = policy !== null && isPolicyGood(followed.body, policy, verify);
  return { kind: "taken", record: { ...record, trust: envelope, policy: isStillGood ? policy : null } };
}

function takePolicy(record: BeliefRecord, envelope: Envelope, verify: VerifyRaw): Taken {
  if (record.trust === null) return { kind: "had-before" };
  // The very same costs no write, however often it is sent. With other signatures it may outlive other holders.
  if (JSON.stringify(record.policy) === JSON.stringify(envelope)) return { kind: "had-before" };
  const trust = peek(record.trust, TrustDocument);
  const followed = followPolicy(trust, record.policy ?? undefined, envelope, verify);
  if (followed.kind === "refused") return { kind: "refused", refusal: followed };
  return { kind: "taken", record: { ...record, policy: envelope } };
}
