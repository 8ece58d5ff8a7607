/** What people may ask about whom agents believe, what stops them, and what they refused. */
import type { z } from "zod";
import type {
  EmergencyView,
  HoldList,
  HoldRequest,
  HoldView,
  RefusalPage,
  RefusalQuery,
} from "../../protocol/api-emergency.ts";
import type {
  SignatureRequest,
  StarterSignature,
  StarterSignatureRequest,
  TrustView,
} from "../../protocol/api-trust.ts";
import type { Sha256 } from "../../protocol/canonical.ts";
import type { Envelope } from "../../protocol/dsse.ts";
import type { HoldId, StopId } from "../../protocol/ids.ts";

export interface TrustDesk {
  /** Whom agents believe, and which keys the controller still holds itself. */
  trust(): Promise<TrustView>;
  publishTrust(envelope: Envelope, by: string): Promise<TrustView>;
  publishPolicy(envelope: Envelope, by: string): Promise<TrustView>;
  /** Signs with the controller's starter key of a role: the way to hand that role over. */
  signAsStarter(
    request: z.infer<typeof StarterSignatureRequest>,
    by: string,
  ): Promise<z.infer<typeof StarterSignature>>;
}

export interface EmergencyDesk {
  /** Everything that is stopped, and who may let it go on. */
  emergency(): Promise<EmergencyView>;
  /**
   * One person stops everything. Pressed again while it is stopped, it is the same stop.
   * @param stopId of a stop that devices name and this controller does not know: known here, it can be ended
   */
  stopEverything(because: string, by: string, stopId?: StopId): Promise<EmergencyView>;
  /** Another word to sign: the one before has expired. Its signatures are void. */
  renewResume(by: string): Promise<EmergencyView>;
  addResumeApproval(approval: z.infer<typeof SignatureRequest>, by: string): Promise<EmergencyView>;
  /** With the controller's own starter key, as long as it counts. */
  approveResume(statementDigest: Sha256, by: string): Promise<EmergencyView>;
}

export interface HoldDesk {
  holds(): Promise<z.infer<typeof HoldList>>;
  makeHold(request: z.infer<typeof HoldRequest>, by: string): Promise<HoldView>;
  addHoldApproval(id: HoldId, approval: z.infer<typeof SignatureRequest>, by: string): Promise<HoldView>;
  approveHold(id: HoldId, statementDigest: Sha256, by: string): Promise<HoldView>;
  releaseHold(id: HoldId, by: string): Promise<HoldView>;
}

export interface RefusalDesk {
  /** What devices would not do or believe, newest first, with what to do about it. */
  refusals(query: z.output<typeof RefusalQuery>): Promise<z.infer<typeof RefusalPage>>;
}
