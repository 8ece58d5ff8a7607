/** Emergency stops and holds, with the words of approvers that end or release them. */
import type { Sha256 } from "../../protocol/canonical.ts";
import type { EmergencyStop } from "../../protocol/emergency.ts";
import type { HoldId, StopId } from "../../protocol/ids.ts";
import type { Instant } from "../../protocol/time.ts";
import type { Approval, Enough, Unsigned, WordRow } from "./signing.ts";

/** An emergency stop and the word that lets devices go on. */
export interface StopRow extends WordRow {
  readonly stop: EmergencyStop;
  readonly resumedAt: Instant | null;
  readonly resumedBy: string | null;
}

export interface HoldRow extends WordRow {
  readonly id: HoldId;
  readonly because: string;
  readonly madeAt: Instant;
  readonly madeBy: string;
  readonly approvedAt: Instant | null;
  readonly approvedBy: string | null;
  readonly releasedAt: Instant | null;
  readonly releasedBy: string | null;
}

export interface EmergencyStore {
  /** False if it is stored already: it may have been kept aside first. */
  addStop(stop: EmergencyStop, statement: Unsigned): Promise<boolean>;
  /** Newest first. */
  stops(limit: number): Promise<readonly StopRow[]>;
  /** Another word that lets devices go on; signatures under the one before are void. */
  renewResume(id: StopId, statement: Unsigned): Promise<boolean>;
  /** False if the statement is another one by now. */
  resumeStop(id: StopId, word: Enough): Promise<boolean>;
  addHold(hold: Pick<HoldRow, "id" | "statement" | "because" | "madeAt" | "madeBy">): Promise<void>;
  /** Newest first. */
  holds(limit: number): Promise<readonly HoldRow[]>;
  /** False if the statement is another one, or the hold was released. */
  approveHold(id: HoldId, word: Enough): Promise<boolean>;
  /** False if it was released before. */
  releaseHold(id: HoldId, at: Instant, by: string): Promise<boolean>;
  /** `changed`: the statement is another one by now, so this signature counts for nothing and was not kept. */
  addWordApproval(
    subject: StopId | HoldId,
    statement: Sha256,
    approval: Approval,
  ): Promise<"added" | "had" | "changed">;
}
