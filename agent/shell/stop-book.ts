/**
 * Emergency stops as they come: heeded at once, then written down, then told; ended by k approvers alone.
 *
 * Invariant: a stop that was told stands on the disk. One that the disk does not take is heeded all the same, for as long
 * as this process lives: the controller says it again at the next login.
 */
import type { z } from "zod";
import type { EmergencyFrame } from "../../protocol/frames.ts";
import type { StopId } from "../../protocol/ids.ts";
import { hasEnded, resume, type ResumeFacts, stopsInForce, withStop } from "../core/emergency.ts";
import type { Log } from "../ports.ts";
import type { BeliefBook } from "./belief-book.ts";
import type { Outbox } from "./outbox.ts";
import type { TellRefusal } from "./tell-refusal.ts";

export interface StopEvents {
  readonly facts: () => ResumeFacts;
  /** Take no new step. */
  readonly onStopped: () => void;
  /** Orders can be taken again. */
  readonly onResumed: () => void;
}

export class StopBook {
  private readonly book: BeliefBook;
  private readonly outbox: Pick<Outbox, "put">;
  private readonly tellRefusal: TellRefusal;
  private readonly log: Log;
  private readonly events: StopEvents;
  /** Heard, and not on the disk yet. */
  private readonly heard = new Set<StopId>();

  constructor(book: BeliefBook, outbox: StopBook["outbox"], tellRefusal: TellRefusal, log: Log, events: StopEvents) {
    this.book = book;
    this.outbox = outbox;
    this.tellRefusal = tellRefusal;
    this.log = log;
    this.events = events;
  }

  /** The stop that nobody has ended. */
  get inForce(): StopId | undefined {
    const [heard] = this.heard;
    return stopsInForce(this.book.precautions)[0]?.stopId ?? heard;
  }

  /** Resolves when it is on the disk and told. @throws RecordNotWritten */
  async take({ stop, resume: word }: z.infer<typeof EmergencyFrame>): Promise<void> {
    const { stopId } = stop;
    if (word === null) {
      // A stop that was ended here cannot be brought again.
      if (hasEnded(this.book.precautions, stopId)) return;
      if (this.inForce === undefined) this.log.warn("everything is stopped", { stop: stopId, because: stop.because });
      this.heard.add(stopId);
      this.events.onStopped();
      await this.book.inTurn(() => this.write(stopId));
      return;
    }
    await this.book.inTurn(async () => {
      const { precautions } = this.book;
      // One that the disk did not take is in force all the same, so it can be ended.
      const known = this.heard.has(stopId) ? withStop(precautions, stopId) : precautions;
      const ended = resume(known, stopId, word, this.events.facts());
      if (ended === undefined) return;
      if (ended.kind === "refused") {
        await this.tellRefusal("resume", ended);
        return;
      }
      await this.book.heed(ended.precautions);
      this.heard.delete(stopId);
      this.log.info("approvers have let it go on", { stop: stopId });
      await this.tell();
      if (this.inForce === undefined) this.events.onResumed();
    });
  }

  /** What was written down and not told yet: its report met a power cut. */
  tellWhatIsNew(): Promise<void> {
    return this.book.inTurn(() => this.tell());
  }

  private async write(stopId: StopId): Promise<void> {
    await this.book.heed(withStop(this.book.precautions, stopId));
    if (this.book.record !== undefined) this.heard.delete(stopId);
    await this.tell();
  }

  private async tell(): Promise<void> {
    for (const { stopId, state, told } of this.book.precautions.stops) {
      if (told) continue;
      await this.outbox.put({ kind: "emergency", stopId, state });
      const { precautions } = this.book;
      const stops = precautions.stops.map((stop) => (stop.stopId === stopId ? { ...stop, told: true } : stop));
      await this.book.heed({ ...precautions, stops });
    }
  }
}
