/**
 * Hands a device its orders when it pulls. Pulls that come while one is answered are answered together, once more.
 *
 * Nothing is taken out of the store for a device that may not have orders: for it, its mailbox is empty.
 */
import type { DeviceId } from "../../protocol/ids.ts";
import { orderFrames } from "./frames.ts";
import { freshWord } from "./trust-frames.ts";
import { type Connection, RECORDS_AWAY, type Shared } from "./shared.ts";

/** `unsettled`: who is behind the connection is being found out; a pull waits for it. */
export type Entitlement = "entitled" | "not-entitled" | "unsettled";

export class Mailbox {
  private readonly shared: Shared;
  private readonly connection: Connection;
  private readonly deviceId: DeviceId;
  /** Of the newest question: the older ones are not waited for any more. */
  private nonce: string | undefined;
  private state: "idle" | "answering" | "asked-again" | "waiting" = "idle";
  private entitlement: Entitlement;

  constructor(shared: Shared, connection: Connection, deviceId: DeviceId, entitlement: Entitlement) {
    this.shared = shared;
    this.connection = connection;
    this.deviceId = deviceId;
    this.entitlement = entitlement;
  }

  set entitled(entitlement: Entitlement) {
    this.entitlement = entitlement;
    if (this.state !== "waiting" || entitlement === "unsettled") return;
    this.state = "idle";
    this.pull(this.nonce);
  }

  /** Whoever it is that the connection belongs to, it is one machine alone. */
  settle(): void {
    if (this.entitlement === "unsettled") this.entitled = "entitled";
  }

  /** @param nonce of this question, from agents since minor 2 */
  pull(nonce: string | undefined): void {
    this.nonce = nonce;
    if (this.state === "waiting") return;
    if (this.state !== "idle") {
      this.state = "asked-again";
      return;
    }
    if (this.entitlement === "unsettled") {
      this.state = "waiting";
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
      const taken = this.isEntitled ? await store.takeMailbox(deviceId, clock.now()) : [];
      // What was taken for a device that may not have it (any more) stays open in the store.
      const orders = this.isEntitled ? taken : [];
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

  get isEntitled(): boolean {
    return this.entitlement === "entitled";
  }

  /** Asked as a question, since the state may have changed while the store was read. */
  private wasAskedAgain(): boolean {
    return this.state === "asked-again";
  }
}
