/** Hands a device its orders when it pulls. Pulls that come while one is answered are answered together, once more. */
import type { DeviceId } from "../../protocol/ids.ts";
import { orderFrames } from "./frames.ts";
import { freshWord } from "./trust-frames.ts";
import { type Connection, RECORDS_AWAY, type Shared } from "./shared.ts";

export class Mailbox {
  private readonly shared: Shared;
  private readonly connection: Connection;
  private readonly deviceId: DeviceId;
  /** Of the newest question: the older ones are not waited for any more. */
  private nonce: string | undefined;
  private state: "idle" | "answering" | "asked-again" = "idle";

  constructor(shared: Shared, connection: Connection, deviceId: DeviceId) {
    this.shared = shared;
    this.connection = connection;
    this.deviceId = deviceId;
  }

  /** @param nonce of this question, from agents since minor 2 */
  pull(nonce: string | undefined): void {
    this.nonce = nonce;
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
    const { store, log, clock, trust } = this.shared;
    if (!connection.isLive) return;
    this.state = "answering";
    try {
      const orders = await store.takeMailbox(deviceId, clock.now());
      const { nonce } = this;
      const isToRun = nonce !== undefined && orders.some(({ withdrawn }) => !withdrawn);
      const word = isToRun ? freshWord(trust, deviceId, nonce, clock.now()) : undefined;
      const { frames, leftOut } = orderFrames(orders, word);
      if (leftOut > 0) log.error({ deviceId, leftOut }, "orders are too large for a frame and were not sent");
      for (const frame of frames) connection.send(frame);
    } catch (error) {
      log.error({ err: error, deviceId }, "a mailbox could not be read");
      connection.turnAway(RECORDS_AWAY); // it asks again when it comes back
      return;
    }
    const again = this.wasAskedAgain();
    this.state = "idle";
    if (again) this.pull(this.nonce);
  }

  /** Asked as a question, since the state may have changed while the store was read. */
  private wasAskedAgain(): boolean {
    return this.state === "asked-again";
  }
}
