/** What the rules of admission are asked about, and what they answer. */
import type { Sha256 } from "../../protocol/canonical.ts";
import type { ContentSourceId } from "../../protocol/content.ts";
import type { Envelope } from "../../protocol/dsse.ts";
import type { DeviceId, PlanId, StopId } from "../../protocol/ids.ts";
import type { Order, PlanStatement, WaveOrder } from "../../protocol/plan.ts";
import type { StepKind } from "../../protocol/playbook.ts";
import type { Policy } from "../../protocol/policy.ts";
import type { RefusalRule } from "../../protocol/progress.ts";
import type { RegistryKey } from "../../protocol/registry.ts";
import type { VerifyRaw, Voice } from "../../protocol/signatures.ts";
import type { Instant } from "../../protocol/time.ts";
import type { TrustDocument } from "../../protocol/trust-document.ts";
import { sayable } from "./sayable.ts";

/** Whom this device believes and what it allows at all; without either nothing is. */
export interface Belief {
  readonly trust: TrustDocument;
  readonly policy: Policy | undefined;
}

/** The answer to the question that this device asked when it pulled. */
interface FreshWord {
  readonly envelope: Envelope | undefined;
  readonly nonce: string;
  /** How long ago it was asked, by the device's own up-time. */
  readonly askedAgoMs: number;
}

/** What is remembered of the newest plan accepted of a source in an era. */
export interface SeenGeneration {
  readonly generation: number;
  readonly planId: PlanId;
  /** The payload digest of its statement; undefined where that was not written down. */
  readonly statement: Sha256 | undefined;
}

/** What the device knows when an order comes in. */
export interface AdmissionFacts {
  readonly deviceId: DeviceId;
  readonly belief: Belief | undefined;
  readonly verify: VerifyRaw;
  readonly fresh: FreshWord;
  /** The device's wall clock: it can only make an order too late, never early. */
  readonly now: Instant;
  /** The latest time that an online key has signed here: it is later than that. */
  readonly timeFloor: Instant;
  /** What the controller says the time is, if it said so in this connection. Believed only to refuse. */
  readonly controllerNow: Instant | undefined;
  /** The device's own limits: they narrow the policy. */
  readonly allowedSteps: ReadonlySet<StepKind>;
  readonly allowedRoots: readonly string[];
  readonly allowedRegistryKeys: readonly RegistryKey[];
  /** The agent's own folders. */
  readonly forbiddenRoots: readonly string[];
  readonly hasSeen: (digest: Sha256) => boolean;
  /** Undefined if no plan of it was accepted. */
  readonly generationOf: (source: ContentSourceId, era: number) => SeenGeneration | undefined;
  /** Orders of this plan that this device has accepted. */
  readonly attemptsOf: (plan: PlanId) => number;
  /** When the last order that restarts the device or touches a service came to its end, in signed time. */
  readonly disruptedAt: Instant | undefined;
  /** How long ago that is by the device's own clocks, at most: signed time alone is whoever holds the online key's. */
  readonly disruptedAgoMs: number | undefined;
  /** The emergency stop that nobody has ended. */
  readonly stopped: StopId | undefined;
}

export type Refused = { readonly kind: "refused"; readonly rule: RefusalRule; readonly because: string };
export type Verdict =
  | {
      readonly kind: "accepted";
      readonly order: WaveOrder;
      readonly statement: PlanStatement;
      readonly statementDigest: Sha256;
      readonly digest: Sha256;
      /** The signed time of this moment. */
      readonly freshAt: Instant;
    }
  /** Nothing is wrong with it, but it is too soon: it may be offered again. */
  | { readonly kind: "wait"; readonly againInMs: number; readonly because: string }
  | Refused;

/** An order with everything about it that a rule may ask. */
export interface Offered {
  readonly offer: Order;
  readonly order: WaveOrder;
  readonly orderDigest: Sha256;
  readonly statement: PlanStatement;
  readonly statementDigest: Sha256;
  readonly payloadType: string;
  readonly voices: readonly Voice[];
  readonly trust: TrustDocument;
  readonly policy: Policy;
  readonly freshAt: Instant;
}

export const refuse = (rule: RefusalRule, because: string): Refused => ({
  kind: "refused",
  rule,
  because: sayable(because),
});
