/** What the API tells of trust and takes for it: documents, policy, approvals. All of it is signed elsewhere. */
import { z } from "zod";
import { Sha256 } from "./canonical.ts";
import { Envelope, KeyId, PAYLOAD_TYPES } from "./dsse.ts";
import { DeviceId } from "./ids.ts";
import { DeviceName } from "./names.ts";
import { Policy } from "./policy.ts";
import { Instant } from "./time.ts";
import { OnlineKey, TrustDocument } from "./trust-document.ts";

export const StarterRole = z.enum(["roots", "policyHolders", "approvers"]);

/** Who believes what, as accepted devices say themselves. */
const TrustReach = z.strictObject({
  /** By the newest trust document of each; 0: it has none, null: it has not said. Newest first, null last. */
  versions: z.array(z.strictObject({ trustVersion: z.int().nullable(), devices: z.int() })),
  /** The newest document in which a starter key left a role; null: none has. */
  starterLeftIn: z.int().nullable(),
  /** Of those that do not say they have that document: they may still obey starter keys. To be enrolled again. */
  behind: z.strictObject({
    total: z.int(),
    /** The first 100 by name. */
    items: z.array(
      z.strictObject({
        device: DeviceId,
        name: DeviceName,
        trustVersion: z.int().nullable(),
        lastHeardAt: Instant.nullable(),
      }),
    ),
  }),
});
export type TrustReach = z.infer<typeof TrustReach>;

export const TrustView = z.strictObject({
  document: TrustDocument,
  /** Its payload digest: what devices that are installed now pin (TRUST_ROOT_SHA256). */
  digest: Sha256,
  /** Every document, oldest first. */
  documents: z.array(Envelope),
  policy: Policy,
  policyEnvelope: Envelope,
  /** Roles in which a key counts that the controller made for itself and holds. */
  starterRoles: z.array(StarterRole),
  /** With which this controller proves that orders are of this moment. Devices take none if the document does not name it. */
  online: OnlineKey,
  /** What that means, in a sentence or two. */
  sentence: z.string(),
  devices: TrustReach,
  asOf: Instant,
});
export type TrustView = z.infer<typeof TrustView>;

/** An approver's signature under a plan's statement. */
export const SignatureRequest = z.strictObject({
  /** The payload digest of the statement that was signed. */
  statementDigest: Sha256,
  keyId: KeyId,
  sig: Envelope.shape.signatures.element.shape.sig,
});
export const PublishRequest = z.strictObject({ envelope: Envelope });
/** Something to be signed with the controller's starter key of a role. */
export const StarterSignatureRequest = z.strictObject({
  role: z.enum(["roots", "policyHolders"]),
  payloadType: z.enum([PAYLOAD_TYPES.trust, PAYLOAD_TYPES.policy]),
  payload: Envelope.shape.payload,
});
export const StarterSignature = Envelope.shape.signatures.element;
