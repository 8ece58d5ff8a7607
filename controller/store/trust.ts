/** Trust documents and policies, every version of them. */
import type { Envelope } from "../../protocol/dsse.ts";
import type { Instant } from "../../protocol/time.ts";

export interface TrustStore {
  /** Every trust document, oldest first. */
  trustDocuments(): Promise<readonly Envelope[]>;
  /** False if there is one of this version. */
  addTrustDocument(version: number, envelope: Envelope, at: Instant): Promise<boolean>;
  /** Every policy, in the order in which they were published. */
  policies(): Promise<readonly Envelope[]>;
  addPolicy(version: number, envelope: Envelope, at: Instant): Promise<void>;
}
