/** Stops, the words that end them, and holds, as people sign them. A test bends them. */
import { createHash } from "node:crypto";
import type { StopFile } from "../../controller/trust/precautions.ts";
import { ContentSourceId } from "../../protocol/content.ts";
import { type Envelope, PAYLOAD_TYPES, seal, type Signer } from "../../protocol/dsse.ts";
import { EmergencyStop, HoldStatement, ResumeStatement } from "../../protocol/emergency.ts";
import { type HoldId, newId, type StopId } from "../../protocol/ids.ts";
import { type Instant, later } from "../../protocol/time.ts";
import { NOON } from "./signed-order.ts";
import { APPROVER } from "./trust.ts";

const HOUR_MS = 3_600_000;
const dice = (seed: string): Uint8Array => createHash("sha256").update(seed).digest();
export const stopIdOf = (seed: string): StopId => newId("stop", NOON, dice(seed));
export const holdIdOf = (seed: string): HoldId => newId("hold", NOON, dice(seed));

export const aStop = (seed = "a stop", over: Partial<EmergencyStop> = {}): EmergencyStop =>
  EmergencyStop.parse({ stopId: stopIdOf(seed), at: NOON, by: "Ada", because: "it went wrong", ...over });

export const aResume = (
  seed = "a stop",
  signers: readonly Signer[] = [APPROVER],
  over: Partial<ResumeStatement> = {},
): Envelope =>
  seal(
    PAYLOAD_TYPES.resume,
    ResumeStatement.parse({
      schema: "ringback.resume/1",
      stopId: stopIdOf(seed),
      issuedAt: NOON,
      validUntil: later(NOON, 14 * 24 * HOUR_MS),
      minimumTrustVersion: 1,
      ...over,
    }),
    signers,
  );

export class MemoryStopFile implements StopFile {
  stops: readonly EmergencyStop[] = [];
  async read(): Promise<readonly EmergencyStop[]> {
    return this.stops;
  }
  async write(stops: readonly EmergencyStop[]): Promise<void> {
    this.stops = stops;
  }
}

export interface HoldParts {
  readonly seed?: string;
  readonly source?: string;
  readonly from?: Instant;
  readonly hours?: number;
  readonly signers?: readonly Signer[];
  readonly over?: Partial<HoldStatement>;
}

export const aHold = ({
  seed = "a hold",
  source = "acme.content-7",
  from = NOON,
  hours = 4,
  signers = [APPROVER],
  over = {},
}: HoldParts = {}): Envelope =>
  seal(
    PAYLOAD_TYPES.hold,
    HoldStatement.parse({
      schema: "ringback.hold/1",
      holdId: holdIdOf(seed),
      source: ContentSourceId.parse(source),
      issuedAt: from,
      until: later(from, hours * HOUR_MS),
      minimumTrustVersion: 1,
      ...over,
    }),
    signers,
  );
