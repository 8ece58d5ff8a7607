/** Whom agents believe, and the keys that the controller holds. */
import type { Envelope, Signer } from "../../protocol/dsse.ts";
import type { Policy } from "../../protocol/policy.ts";
import type { PublicKey } from "../../protocol/public-key.ts";
import type { VerifyRaw } from "../../protocol/signatures.ts";
import type { Instant } from "../../protocol/time.ts";
import type { OnlineKey, TrustDocument } from "../../protocol/trust-document.ts";
import type { TrustVersions } from "../store/devices.ts";

/** From which the secrets of resume tickets are made; 32 bytes. */
export interface ResumeKey {
  readonly madeAt: Instant;
  readonly secret: Uint8Array;
}

/** Those that are good now, the newest first: it alone makes new tickets. */
export type ResumeKeys = () => readonly ResumeKey[];

/** Verifies a P-256 signature (raw r and s) over bytes, made by the key of `publicKey`. */
export type VerifyDevice = (publicKey: PublicKey, bytes: Uint8Array, signature: Uint8Array) => boolean;

export type StarterRole = "roots" | "policyHolders" | "approvers";

/** The trust documents and the policy that agents are told of. The controller holds them; it does not decide them. */
export interface TrustKeeper {
  /** The newest. */
  readonly document: TrustDocument;
  /** All of them, oldest first. */
  readonly documents: readonly Envelope[];
  readonly policy: Policy;
  readonly policyEnvelope: Envelope;
  /** Of the newest ones. */
  readonly versions: TrustVersions;
  /** Signs orders and freshness. It proves that they are of this moment, not that anybody wants them. */
  readonly online: Signer;
  readonly onlineKey: OnlineKey;
  readonly verify: VerifyRaw;
  /** The key that the controller made for itself, while the newest document names it. */
  starter(role: StarterRole): Signer | undefined;
  /** @throws Refused if agents would not take it */
  publishTrust(envelope: Envelope): Promise<void>;
  /** @throws Refused if agents would not take it */
  publishPolicy(envelope: Envelope): Promise<void>;
  /** Reads what another controller may have published. */
  refresh(): Promise<void>;
  /** Issues the document anew before it expires, as long as the controller holds the root. */
  renewIfDue(): Promise<void>;
  onChange(call: () => void): () => void;
}
