/** The policy until policy holders have signed one: it allows nothing, and says so under the starter key. */
import { type Envelope, PAYLOAD_TYPES, seal, type Signer } from "../../protocol/dsse.ts";
import { Policy } from "../../protocol/policy.ts";
import type { Instant } from "../../protocol/time.ts";

export const starterPolicy = (signer: Signer, now: Instant): Envelope =>
  seal(
    PAYLOAD_TYPES.policy,
    Policy.parse({
      schema: "ringback.policy/1",
      version: 1,
      issuedAt: now,
      sources: [],
      limits: {
        filesPerOrderMax: 1,
        disruptionGapMs: 0,
        validityMsMax: 60_000,
        keyFileAboveDevices: null,
        restoreThreshold: null,
      },
      standingOrders: [],
    }),
    [signer],
  );
