/**
 * Emergency stops, as the device decides: anyone may stop it; k approvers let it go on, each stop by its own word.
 *
 * Pure. A stop that was ended here never counts again, and a word that ended one ends no other.
 */
import { readApproved, notBelieved } from "../../protocol/approved.ts";
import { type Envelope, PAYLOAD_TYPES } from "../../protocol/dsse.ts";
import { ResumeStatement } from "../../protocol/emergency.ts";
import type { NotBelieved } from "../../protocol/follow-trust.ts";
import type { StopId } from "../../protocol/ids.ts";
import type { VerifyRaw } from "../../protocol/signatures.ts";
import type { Instant } from "../../protocol/time.ts";
import type { TrustDocument } from "../../protocol/trust-document.ts";
import type { Precautions, Stop } from "./precautions.ts";

/** More than one is in force where people stopped at controllers that did not know of each other. */
const IN_FORCE_MAX = 20;
const ENDED_MAX = 200;

export interface ResumeFacts {
  readonly trust: TrustDocument | undefined;
  readonly verify: VerifyRaw;
  /** The latest time that anyone names: a clock that was set back must not revive an old word. */
  readonly latest: Instant;
}

export const stopsInForce = ({ stops }: Precautions): readonly Stop[] =>
  stops.filter(({ state }) => state === "stopped");

export const hasEnded = ({ stops }: Precautions, stopId: StopId): boolean =>
  stops.some((stop) => stop.stopId === stopId && stop.state === "resumed");

/** The same object if nothing changes: it is known, or so many are in force that one more stops nothing. */
export function withStop(precautions: Precautions, stopId: StopId): Precautions {
  const { stops } = precautions;
  if (stops.some((stop) => stop.stopId === stopId)) return precautions;
  if (stopsInForce(precautions).length >= IN_FORCE_MAX) return precautions;
  return { ...precautions, stops: [...stops, { stopId, state: "stopped", told: false }] };
}

/** Undefined: it ends nothing that is in force here. */
export function resume(
  precautions: Precautions,
  stopId: StopId,
  envelope: Envelope,
  { trust, verify, latest }: ResumeFacts,
): { readonly kind: "resumed"; readonly precautions: Precautions } | NotBelieved | undefined {
  if (!stopsInForce(precautions).some((stop) => stop.stopId === stopId)) return undefined;
  if (trust === undefined) return notBelieved("signature", "this device has no trust document, so it believes nobody");
  const word = readApproved(envelope, PAYLOAD_TYPES.resume, ResumeStatement, trust, verify, latest);
  if (word.kind === "refused") return word;
  const { body, voices } = word;
  if (body.stopId !== stopId)
    return notBelieved("unknown-stop", `it lets ${body.stopId} go on, this device was stopped by ${stopId}`);
  const { threshold } = trust.approvers;
  if (voices.length < threshold)
    return notBelieved("under-signed", `${voices.length} of ${threshold} approvers that it takes have signed`);
  if (latest >= body.validUntil)
    return notBelieved("expired", `it was good until ${iso(body.validUntil)}; it is ${iso(latest)} here`);
  return { kind: "resumed", precautions: ended(precautions, stopId) };
}

/** Its id is remembered, so that the same stop cannot be brought again. */
function ended(precautions: Precautions, stopId: StopId): Precautions {
  const others = precautions.stops.filter((stop) => stop.stopId !== stopId);
  const before = others.filter(({ state }) => state === "resumed").slice(1 - ENDED_MAX);
  const inForce = others.filter(({ state }) => state === "stopped");
  return { ...precautions, stops: [...before, { stopId, state: "resumed", told: false }, ...inForce] };
}

const iso = (instant: number): string => new Date(instant).toISOString();
