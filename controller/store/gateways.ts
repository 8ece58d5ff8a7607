/** Processes that take the connections of agents, and which of them have stopped. */
import type { StreamId } from "../../protocol/ids.ts";
import type { Instant } from "../../protocol/time.ts";

/** A process that takes agents' connections: it counts its beats for as long as it lives. */
export interface GatewayRow {
  /** Its stream of the change feed. */
  readonly stream: StreamId;
  readonly beats: number;
  /** When it counted last, by its own clock. */
  readonly aliveAt: Instant;
  /** The last time that whoever led had to say that it has stopped. It is lost while `beats` stays the same. */
  readonly lost: GatewayLoss | null;
}

export interface GatewayLoss {
  readonly beats: number;
  /** Its last sign of life. */
  readonly from: Instant;
  readonly at: Instant;
}

export interface GatewayStore {
  /** This process takes connections and lives. `was-lost`: the others have taken it for dead until now. */
  beat(stream: StreamId, now: Instant): Promise<"alive" | "was-lost">;
  gateways(): Promise<readonly GatewayRow[]>;
  /** Says that one has stopped at this beat. Refused for any leader but the newest, and for one that has gone on. */
  loseGateway(lost: {
    readonly leaderEpoch: number;
    readonly stream: StreamId;
    readonly loss: GatewayLoss;
  }): Promise<"lost" | "alive" | "stale-leader">;
}
