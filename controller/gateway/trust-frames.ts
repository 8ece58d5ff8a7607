/** What a device has not got yet of trust and policy, as frames; and the word that its orders are of this moment. */
import type { z } from "zod";
import { PAYLOAD_TYPES, seal } from "../../protocol/dsse.ts";
import { Freshness } from "../../protocol/freshness.ts";
import { CONTROLLER_FRAME_BYTES_MAX, type TrustFrame } from "../../protocol/frames.ts";
import type { DeviceId } from "../../protocol/ids.ts";
import type { Envelope } from "../../protocol/dsse.ts";
import type { Instant } from "../../protocol/time.ts";
import type { TrustKeeper } from "../ports/trust.ts";
import type { TrustVersions } from "../store/devices.ts";

export type GatewayTrust = Pick<TrustKeeper, "documents" | "policyEnvelope" | "versions" | "online">;

type Frame = z.infer<typeof TrustFrame>;

const DOCUMENTS_MAX = 8;

/** None if the device is up to date. A device without any document gets all of them: one of them is the one it pins. */
export function trustFrames(trust: GatewayTrust, has: TrustVersions): readonly string[] {
  // Versions count from 1 without gaps.
  const missing = trust.documents.slice(has.trustVersion);
  // A policy is told again with new documents: they may have made the one that the device has worthless.
  const isPolicyMissing = missing.length > 0 || has.policyVersion !== trust.versions.policyVersion;
  const frames = inFrames(missing);
  if (isPolicyMissing) {
    const last = frames.at(-1);
    const withPolicy = frameOf(last ?? [], trust.policyEnvelope);
    if (last === undefined || fits(withPolicy)) return [...frames.slice(0, -1).map((row) => frameOf(row)), withPolicy];
    return [...frames.map((row) => frameOf(row)), frameOf([], trust.policyEnvelope)];
  }
  return frames.map((row) => frameOf(row));
}

/** An agent that is sent a larger frame hangs up, and would never again come to report. */
function inFrames(documents: readonly Envelope[]): readonly (readonly Envelope[])[] {
  const frames: Envelope[][] = [];
  for (const document of documents) {
    const last = frames.at(-1);
    const isRoom = last !== undefined && last.length < DOCUMENTS_MAX && fits(frameOf([...last, document]));
    if (isRoom) last.push(document);
    else frames.push([document]);
  }
  return frames;
}

const frameOf = (documents: readonly Envelope[], policy?: Envelope): string =>
  JSON.stringify({ type: "trust", documents: [...documents], ...(policy && { policy }) } satisfies Frame);
const fits = (frame: string): boolean => Buffer.byteLength(frame) <= CONTROLLER_FRAME_BYTES_MAX;

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
