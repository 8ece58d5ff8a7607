/** What approvers sign: a statement, their signatures under it, and the envelope once there are enough. */
import type { Sha256 } from "../../protocol/canonical.ts";
import type { Envelope, KeyId } from "../../protocol/dsse.ts";
import type { Instant } from "../../protocol/time.ts";

/** What is signed: an envelope without its signatures. */
export type Unsigned = Pick<Envelope, "payloadType" | "payload">;

/** One signature under a statement. */
export interface Approval {
  readonly keyId: KeyId;
  readonly person: string;
  readonly sig: string;
  readonly at: Instant;
  /** Who was signed in when it came. */
  readonly by: string;
}

/** Something that approvers sign besides plans, with what they have signed of it so far. */
export interface WordRow {
  readonly statement: Unsigned;
  /** In the order in which they came; of this very statement. */
  readonly approvals: readonly Approval[];
  /** The statement with its approvals, once there were enough. */
  readonly envelope: Envelope | null;
}

/** What makes a plan or a word good: the payload digest of the statement that was signed, and what came of it. */
export interface Enough {
  readonly statement: Sha256;
  readonly envelope: Envelope;
  readonly at: Instant;
  readonly by: string;
}
