/** What stops agents at once, and what keeps contents as they are. */
import type { EmergencyStop } from "../../protocol/emergency.ts";
import type { HoldRow, StopRow } from "../store/emergency.ts";

/** Emergency stops and holds. A stop counts from the moment it is pressed, whether the database takes it or not. */
export interface Precautions {
  /** Stops that nobody has ended. */
  readonly inForce: readonly EmergencyStop[];
  /** Stops that the database has not got yet. */
  readonly unstored: readonly EmergencyStop[];
  /** As they were read last, newest first. */
  readonly stops: readonly StopRow[];
  readonly holds: readonly HoldRow[];
  /** What agents are told of all of it at their login. */
  readonly frames: readonly string[];
  /** Kept in a file, told to agents, stored: in this order. `kept`, `stored`: whether each could be done. */
  stop(stop: EmergencyStop): Promise<{ readonly kept: boolean; readonly stored: boolean }>;
  /** Another word to sign for a stop: the one before has expired. */
  renew(stop: EmergencyStop): Promise<void>;
  /** Stores what waits, reads what another controller may have stored, and tells what is new. */
  refresh(): Promise<void>;
  onTell(call: (frames: readonly string[]) => void): () => void;
}
