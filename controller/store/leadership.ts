/** Who decides: one orchestrator at a time, by a lease with an epoch. */
import type { StreamId } from "../../protocol/ids.ts";
import type { Instant } from "../../protocol/time.ts";

export interface LeadershipStore {
  /** Becomes or stays leader if nobody else is, or the other's lease has run out. Each new one has a higher epoch. */
  lead(
    owner: StreamId,
    now: Instant,
    leaseMs: number,
  ): Promise<{ readonly leads: boolean; readonly epoch: number; readonly until: Instant }>;
}
