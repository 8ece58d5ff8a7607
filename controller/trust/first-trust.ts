/** The first trust document and the first policy: the controller's own keys in every role. Pure. */
import { Policy } from "../../protocol/policy.ts";
import { Step } from "../../protocol/playbook.ts";
import { type Instant, later } from "../../protocol/time.ts";
import { TRUST_LIFETIME_MS_MAX, TrustDocument, type TrustRole } from "../../protocol/trust-document.ts";
import type { HeldKey } from "./starter-keys.ts";

const DAY_MS = 86_400_000;

export interface FirstTrustKeys {
  readonly roots: HeldKey;
  readonly policyHolders: HeldKey;
  readonly approvers: HeldKey;
  readonly online: HeldKey;
}

export function firstTrust(keys: FirstTrustKeys, at: Instant): TrustDocument {
  return TrustDocument.parse({
    schema: "ringback.trust/1",
    version: 1,
    issuedAt: at,
    expiresAt: later(at, TRUST_LIFETIME_MS_MAX),
    roots: starterRole(keys.roots),
    policyHolders: starterRole(keys.policyHolders),
    approvers: starterRole(keys.approvers),
    online: [{ keyId: keys.online.signer.keyId, publicKey: keys.online.publicKey }],
    passkeys: null,
    eras: [],
  } satisfies TrustDocument);
}

const starterRole = ({ signer, publicKey }: HeldKey): TrustRole => ({
  threshold: 1,
  holders: [
    {
      person: "controller",
      name: "the controller itself (starter key)",
      keys: [{ keyId: signer.keyId, kind: "p256", publicKey, starter: true }],
    },
  ],
});

/** Wide enough to work at once: where security products keep their content, by every step. Each device's own settings narrow it. */
export function firstPolicy(at: Instant): Policy {
  return Policy.parse({
    schema: "ringback.policy/1",
    version: 1,
    issuedAt: at,
    sources: [
      {
        source: "*",
        roots: ["C:\\Windows\\System32\\drivers", "C:\\ProgramData", "C:\\Program Files", "C:\\Program Files (x86)"],
        steps: Step.options.map((option) => option.shape.kind.value),
        holdable: true,
      },
    ],
    limits: {
      filesPerOrderMax: 100,
      disruptionGapMs: 60_000,
      validityMsMax: 14 * DAY_MS,
      keyFileAboveDevices: null,
      restoreThreshold: null,
    },
    standingOrders: [],
  });
}
