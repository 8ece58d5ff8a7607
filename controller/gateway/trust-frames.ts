/** What a device has not got yet of trust and policy, as frames; and the word that its orders are of this moment. */
import type { z } from "zod";
import { PAYLOAD_TYPES, seal } from "../../protocol/dsse.ts";
import { Freshness } from "../../protocol/freshness.ts";
import type { TrustFrame } from "../../protocol/frames.ts";
import type { DeviceId } from "../../protocol/ids.ts";
import type { Envelope } from "../../protocol/dsse.ts";
import type { Instant } from "../../protocol/time.ts";
import type { TrustKeeper, TrustVersions } from "../ports.ts";

export type GatewayTrust = Pick<TrustKeeper, "documents" | "policyEnvelope" | "versions" | "online">;

const DOCUMENTS_MAX = 8;

/** None if the device is up to date. A device without any document gets all of them: one of them is the one it pins. */
export function trustFrames(trust: GatewayTrust, has: TrustVersions): readonly string[] {
  // Versions count from 1 without gaps.
  const missing = trust.documents.slice(has.trustVersion);
  // A policy is told again with new documents: they may have made the one that the device has worthless.
  const isPolicyMissing = missing.length > 0 || has.policyVersion !== trust.versions.policyVersion;
  const frames: z.infer<typeof TrustFrame>[] = [];
  for (let i = 0; i < missing.length; i += DOCUMENTS_MAX)
    frames.push({ type: "trust", documents: missing.slice(i, i + DOCUMENTS_MAX) });
  if (isPolicyMissing) {
    const last = frames.pop() ?? { type: "trust", documents: [] };
    frames.push({ ...last, policy: trust.policyEnvelope });
  }
  return frames.map((frame) => JSON.stringify(frame));
}

/** Signed for one question of one device; about as costly as a login. */
export function freshWord(trust: GatewayTrust, deviceId: DeviceId, nonce: string, at: Instant): Envelope {
  const body: Freshness = {
    schema: "ringback.freshness/1",
    deviceId,
    nonce,
    at,
    ...trust.versions,
  };
  return seal(PAYLOAD_TYPES.freshness, body, [trust.online]);
}
