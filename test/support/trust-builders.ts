/** Trust documents and policies with everything defaulted that a test is not about. */
import { Policy } from "../../protocol/policy.ts";
import { at, later } from "../../protocol/time.ts";
import { Holder, TrustDocument, type TrustedKey, TrustRole } from "../../protocol/trust-document.ts";
import { aKey, type TestKey } from "./keys.ts";

const ISSUED = at("2026-11-20T00:00:00Z");

export const keyOf = (
  { keyId, publicKey }: Pick<TestKey, "keyId" | "publicKey">,
  over: Partial<TrustedKey> = {},
): TrustedKey => ({
  keyId,
  kind: "p256",
  publicKey,
  starter: false,
  ...over,
});

/** A person whose one key is made of the name. */
export const aPerson = (person: string, over: Partial<Holder> = {}): Holder =>
  Holder.parse({ person, name: `${person} Example`, keys: [keyOf(aKey(person))], ...over });

export const aTrustRole = (threshold: number, ...people: (string | Holder)[]): TrustRole =>
  TrustRole.parse({ threshold, holders: people.map((one) => (typeof one === "string" ? aPerson(one) : one)) });

export function aTrustDocument(over: Partial<TrustDocument> = {}): TrustDocument {
  const { keyId, publicKey } = aKey("online");
  return TrustDocument.parse({
    schema: "ringback.trust/1",
    version: 1,
    issuedAt: ISSUED,
    expiresAt: later(ISSUED, 30 * 86_400_000),
    roots: aTrustRole(2, "rita", "rolf", "rosa"),
    policyHolders: aTrustRole(1, "paul"),
    approvers: aTrustRole(2, "ada", "ben", "cleo"),
    online: [{ keyId, publicKey }],
    passkeys: null,
    eras: [],
    ...over,
  });
}

export const aPolicy = (over: Partial<Policy> = {}): Policy =>
  Policy.parse({
    schema: "ringback.policy/1",
    version: 1,
    issuedAt: ISSUED,
    sources: [
      {
        source: "acme.content-7",
        roots: ["C:\\Windows\\System32\\drivers\\Acme"],
        steps: ["quarantine-file"],
        holdable: false,
      },
    ],
    limits: {
      filesPerOrderMax: 20,
      disruptionGapMs: 3_600_000,
      validityMsMax: 14 * 86_400_000,
      keyFileAboveDevices: null,
      restoreThreshold: null,
    },
    standingOrders: [],
    ...over,
  });
