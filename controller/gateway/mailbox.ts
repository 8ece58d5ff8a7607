/** Hands a device its orders when it pulls. Pulls that come while one is answered are answered together, once more. */
import type { DeviceId } from "../../protocol/ids.ts";
import { orderFrames } from "./frames.ts";
import { type Connection, RECORDS_AWAY, type Shared } from "./shared.ts";

export class Mailbox {
  private readonly shared: Shared;
  private readonly connection: Connection;
  private readonly deviceId: DeviceId;
  private state: "idle" | "answering" | "asked-again" = "idle";

  constructor(shared: Shared, connection: Connection, deviceId: DeviceId) {
    this.shared = shared;
    this.connection = connection;
    this.deviceId = deviceId;
  }

  pull(): void {
    if (this.state !== "idle") {
      this.state = "asked-again";
      return;
    }
    this.state = "answering";
    if (!this.shared.pulls.run(() => this.answer())) {
      this.connection.turnAway("too many agents ask for orders at once; try again later");
    }
  }

  private async answer(): Promise<void> {
    const { connection, deviceId } = this;
    const { store, log, clock } = this.shared;
    if (!connection.isLive) return;
    this.state = "answering";
    try {
      const { frames, leftOut } = orderFrames(await store.takeMailbox(deviceId, clock.now()));
      if (leftOut > 0) log.error({ deviceId, leftOut }, "orders are too large for a frame and were not sent");
      for (const frame of frames) connection.send(frame);
    } catch (error) {
      log.error({ err: error, deviceId }, "a mailbox could not be read");
      connection.turnAway(RECORDS_AWAY); // it asks again when it comes back
      return;
    }
    const again = this.wasAskedAgain();
    this.state = "idle";
    if (again) this.pull();
  }

  /** Asked as a question, since the state may have changed while the store was read. */
  private wasAskedAgain(): boolean {
    return this.state === "asked-again";
  }
}
