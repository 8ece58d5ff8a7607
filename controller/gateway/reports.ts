/**
 * The reports of one connection: from the frame to the acknowledgement.
 *
 * An acknowledgement covers all reports up to its number, so the numbers of a connection have no gap and never go back.
 */
import { CLOSE, type Report } from "../../protocol/frames.ts";
import type { DeviceId, EpochId } from "../../protocol/ids.ts";
import { ackFrame, frameDigest } from "./frames.ts";
import type { ReportSource } from "./ingest.ts";
import { PAUSED, type Pace } from "./pace.ts";
import type { Connection, Shared } from "./shared.ts";

export class Reports implements ReportSource {
  isAbandoned = false;
  private readonly shared: Shared;
  private readonly connection: Connection;
  private readonly pace: Pace;
  private readonly deviceId: DeviceId;
  private readonly epoch: EpochId;
  /** Numbers: the last one received on this connection, the last one durable, the last one acknowledged. */
  private received = 0;
  private durable = 0;
  private acknowledged = 0;
  private unacknowledged = 0;

  constructor(shared: Shared, connection: Connection, pace: Pace, deviceId: DeviceId, epoch: EpochId) {
    this.shared = shared;
    this.connection = connection;
    this.pace = pace;
    this.deviceId = deviceId;
    this.epoch = epoch;
  }

  take({ epoch, sequence, body }: Report, message: Buffer): void {
    const { connection, deviceId, pace } = this;
    const { ingest, limits, clock } = this.shared;
    if (epoch !== this.epoch) {
      connection.refuse(CLOSE.malformed, "epoch: is another than in the hello; a new epoch needs a new connection");
      return;
    }
    // The first number of a connection is the agent's choice: it may send again what we have, or be ahead of a
    // controller that was restored from a backup. After it, a gap would let an acknowledgement cover what never came.
    if (this.received > 0 && sequence !== this.received + 1) {
      connection.refuse(CLOSE.malformed, `sequence: expected ${this.received + 1}, got ${sequence}`);
      return;
    }
    const digest = frameDigest(message);
    const report = { deviceId, epoch, sequence, digest, receivedAt: clock.now(), json: JSON.stringify(body) };
    if (!ingest.addReport(this, report, message.length)) {
      connection.turnAway("the controller has more reports than it can store now; try again later");
      return;
    }
    this.received = sequence;
    this.unacknowledged++;
    if (this.unacknowledged >= limits.unacknowledgedMax) pace.pause(PAUSED.unacknowledged);
    if (ingest.isFull) {
      pace.pause(PAUSED.queueFull);
      ingest.holdUntilRoom(this);
    }
  }

  // ---- what comes from ingest --------------------------------------------------------------------------------------

  stored(sequence: number): void {
    if (this.isAbandoned) return;
    this.durable = sequence;
    this.unacknowledged--;
  }

  settled(): void {
    this.acknowledge();
    if (this.unacknowledged <= this.shared.limits.unacknowledgedMax / 2) this.pace.resume(PAUSED.unacknowledged);
  }

  conflicted(sequence: number): void {
    if (this.isAbandoned) return;
    this.isAbandoned = true;
    const { deviceId, epoch } = this;
    this.shared.log.warn(
      { deviceId, epoch, sequence },
      "a report came again with other content: the first one stands; is this device's disk a copy of another state?",
    );
    this.acknowledge();
    this.connection.close(
      CLOSE.replayConflict,
      `report ${sequence} came before with other content; the first one stands`,
    );
  }

  letGo(sequence: number): void {
    this.isAbandoned = true;
    const { deviceId } = this;
    this.shared.log.error({ deviceId, sequence }, "a report could not be stored; the agent still has it");
    this.connection.turnAway(`report ${sequence} could not be stored; keep it and try again later`);
  }

  roomAgain(): void {
    this.pace.resume(PAUSED.queueFull);
  }

  private acknowledge(): void {
    if (this.durable === this.acknowledged || !this.connection.isLive) return;
    this.acknowledged = this.durable;
    this.shared.counters.acknowledgements++;
    this.connection.send(ackFrame(this.durable));
  }
}
