/**
 * Sends what waits in the outbox over one connection, in order and in a window.
 *
 * Invariant: never more than a window of reports is under way without an acknowledgement, so that neither memory nor
 * the socket fills while the controller is slow.
 */
import type { EpochId } from "../../protocol/ids.ts";
import type { Connection } from "../ports.ts";
import { forMinor } from "../core/for-minor.ts";
import type { Outbox } from "./outbox.ts";

/** Reports under way without an acknowledgement; some 40 KiB. The controller acknowledges batches. */
const WINDOW = 64;
/** More than this in the socket's own buffer: wait for acknowledgements. */
const BUFFERED_BYTES_MAX = 256 * 1024;

/** What both sides know of this connection since its login. */
interface Agreed {
  readonly epoch: EpochId;
  /** What the controller has already. */
  readonly through: number;
  /** The schema minor that both speak. */
  readonly minor: number;
}

export interface SendEvents {
  /** The outbox has begun another epoch than the one that this connection was told of. */
  readonly onNewEpoch: () => void;
  readonly mustEnd: (error: unknown) => void;
}

export class SendWindow {
  private readonly outbox: Outbox;
  private readonly connection: Connection;
  private readonly epoch: EpochId;
  private readonly minor: number;
  private readonly events: SendEvents;
  private sent: number;
  private unacknowledged: readonly number[] = [];
  private isFilling = false;
  private isClosed = false;

  constructor(outbox: Outbox, connection: Connection, agreed: Agreed, events: SendEvents) {
    this.outbox = outbox;
    this.connection = connection;
    this.epoch = agreed.epoch;
    this.minor = agreed.minor;
    this.sent = agreed.through;
    this.events = events;
  }

  /** Everything up to here the controller has, or was sent over this connection. */
  get sentThrough(): number {
    return this.sent;
  }

  /** Sends as much as the window allows. Called after each put and each acknowledgement. */
  pump(): void {
    if (this.isFilling || !this.hasRoom) return;
    this.isFilling = true;
    this.fill()
      .catch(this.events.mustEnd)
      .finally(() => {
        this.isFilling = false;
        // What was put while the last look was under way has found the window busy.
        if (this.hasRoom && this.outbox.last > this.sent && this.outbox.length > this.unacknowledged.length)
          this.pump();
      });
  }

  acknowledged(through: number): void {
    this.unacknowledged = this.unacknowledged.filter((sequence) => sequence > through);
  }

  close(): void {
    this.isClosed = true;
  }

  private get hasRoom(): boolean {
    return !this.isClosed && this.unacknowledged.length < WINDOW && this.connection.bufferedBytes < BUFFERED_BYTES_MAX;
  }

  private async fill(): Promise<void> {
    while (this.hasRoom) {
      const items = await this.outbox.after(this.sent, WINDOW - this.unacknowledged.length);
      if (this.isClosed) return;
      if (this.epoch !== this.outbox.epoch) {
        this.events.onNewEpoch();
        return;
      }
      if (items.length === 0) return;
      for (const { sequence, text } of items) {
        this.connection.send(forMinor(text, this.minor));
        this.sent = sequence;
        this.unacknowledged = [...this.unacknowledged, sequence];
      }
    }
  }
}
