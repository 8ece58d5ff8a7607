/**
 * A device asks to be known. What is checked, in the order it is checked; nothing of it depends on which part is wrong.
 *
 * Every refusal costs one signature and one look at the record and is answered alike, so that nobody learns from outside
 * which tokens exist; a binding that is not so is told apart before either, whatever the token. Tokens are in no log: lines name them by their id.
 */
import type { z } from "zod";
import { sha256Hex } from "../../protocol/canonical.ts";
import type { EnrolmentAnswer, EnrolmentRequest } from "../../protocol/enrolment.ts";
import { enrolmentBytes } from "../../protocol/enrolment.ts";
import type { StreamId } from "../../protocol/ids.ts";
import type { Bus, Clock, Log } from "../ports.ts";
import type { VerifyDevice } from "../ports/trust.ts";
import type { Store } from "../store.ts";
import { verdictOf } from "./acceptance.ts";

export interface EnrolmentDeps {
  readonly store: Pick<Store, "enrolmentToken" | "enrol">;
  readonly stream: StreamId;
  readonly clock: Clock;
  readonly verify: VerifyDevice;
  readonly bus: Bus;
  readonly log: Log;
  /** What a device that enrols pins: trust documents from the first one on, and the policy. */
  readonly pack: () => Promise<Pick<EnrolmentAnswer, "trust" | "policy">>;
}

export interface Asked {
  readonly request: z.infer<typeof EnrolmentRequest>;
  /** What the TLS connection exports, in base64; empty where TLS ends in front of the controller. */
  readonly channel: string;
  readonly address: string;
}

export type Outcome =
  | { readonly kind: "enrolled"; readonly answer: EnrolmentAnswer }
  | { readonly kind: "used-up" | "taken" | "refused" | "says-front" | "says-direct" };

export async function enrol(deps: EnrolmentDeps, { request, channel, address }: Asked): Promise<Outcome> {
  const { store, stream, clock, verify, bus, log } = deps;
  const { claim, signature } = request;
  const { deviceId, publicKey, name, group, binding } = claim;
  const refuse = (because: string): Outcome => {
    log.warn({ deviceId, address, because }, "an enrolment was refused; nothing was stored");
    return { kind: "refused" };
  };

  // The mode is set at enrolment, never negotiated. How TLS ends here is no secret, so this alone is told apart.
  const isDirect = channel !== "";
  if (binding === "front" && isDirect) {
    refuse("it says that a front ends its TLS, and TLS ends here: its logins would be bound to no connection");
    return { kind: "says-front" };
  }
  if (binding === "direct" && !isDirect) {
    refuse("it says that its TLS ends here, and it does not: a front ends it");
    return { kind: "says-direct" };
  }

  // RFC 8446 7.5, RFC 9266: what is signed for another connection is worth nothing here.
  const isProven = verify(publicKey, enrolmentBytes(claim, channel), fromBase64(signature));
  const token = await store.enrolmentToken(sha256Hex(new TextEncoder().encode(claim.token)));
  if (!isProven) return refuse("the claim is not signed by the key that it names, or was made for another connection");
  if (token === undefined) return refuse("the token is not known");

  const verdict = verdictOf(token.acceptance, token.id, address);
  const image = claim.image ?? null;
  const enrolment = { tokenHash: token.hash, deviceId, publicKey, name, group, image, binding, ...verdict };
  const result = await store.enrol(stream, enrolment, clock.now());
  switch (result.kind) {
    case "refused":
      return refuse(result.because);
    case "used-up":
      log.warn(
        { token: token.id, deviceId, address, alert: "enrolment-token-used-up" },
        "somebody showed an enrolment token whose uses are all taken: if no device is missing, the token has leaked; see which devices it made known",
      );
      return { kind: "used-up" };
    case "taken":
      log.warn({ token: token.id, deviceId, address }, "a device asked for an id that belongs to another key");
      return { kind: "taken" };
    case "enrolled": {
      bus.feedGrew();
      const { standing, isNew } = result;
      log.info({ deviceId: result.deviceId, token: token.id, standing, isNew, binding }, "a device is enrolled");
      return { kind: "enrolled", answer: { deviceId: result.deviceId, standing, ...(await deps.pack()) } };
    }
  }
}

const fromBase64 = (text: string): Uint8Array => Buffer.from(text, "base64");
