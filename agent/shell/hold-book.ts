/**
 * Holds as they come and go: written down before a source is held, released before that is written down.
 *
 * Invariant: a source that is held here stands on the disk with how long it may be, so this device ends the hold by
 * itself, whatever becomes of the process, the network or the controller. Holding and releasing may both be repeated.
 */
import type { z } from "zod";
import { notBelieved } from "../../protocol/approved.ts";
import type { ContentSourceId } from "../../protocol/content.ts";
import { type Envelope, peek } from "../../protocol/dsse.ts";
import { HoldStatement } from "../../protocol/emergency.ts";
import type { HoldFrame } from "../../protocol/frames.ts";
import type { Instant } from "../../protocol/time.ts";
import {
  heldNow,
  type HoldFacts,
  isHeld,
  isOrdered,
  measured,
  nextLookMs,
  overdue,
  takeHold,
  without,
  withOrdered,
  withReleased,
} from "../core/holds.ts";
import type { Hold, Uptime } from "../core/precautions.ts";
import { type AgentPorts, RecordNotWritten, type Result } from "../ports.ts";
import type { BeliefBook } from "./belief-book.ts";
import { OK, type OrderedHolds } from "./steps/step.ts";
import type { Outbox } from "./outbox.ts";
import type { TellRefusal } from "./tell-refusal.ts";

/** How much of a hold's measured time a power cut may cost. */
const MEASURE_EVERY_MS = 5 * 60_000;
/** A source that cannot be let go now is tried again soon: it gets no updates. */
const RETRY_MS = 10_000;

export interface HoldEvents {
  readonly facts: () => HoldFacts;
  readonly mustEnd: (error: unknown) => void;
}

export class HoldBook {
  private readonly ports: Pick<AgentPorts, "machine" | "clock" | "log">;
  private readonly book: BeliefBook;
  private readonly outbox: Pick<Outbox, "put">;
  private readonly tellRefusal: TellRefusal;
  private readonly events: HoldEvents;
  private forgetTimer: () => void = () => undefined;
  private stopped = false;

  constructor(
    ports: HoldBook["ports"],
    book: BeliefBook,
    outbox: HoldBook["outbox"],
    tellRefusal: TellRefusal,
    events: HoldEvents,
  ) {
    this.ports = ports;
    this.book = book;
    this.outbox = outbox;
    this.tellRefusal = tellRefusal;
    this.events = events;
  }

  /** Takes up what an earlier process left: what is held is held again, what is over is released. */
  start(): void {
    this.inTurn(async () => {
      const { precautions } = this.book;
      const held = [...heldNow(precautions).map(({ source }) => source), ...(precautions.ordered ?? [])];
      for (const source of new Set(held)) await this.ports.machine.hold(source);
      await this.look();
    });
  }

  /** As orders have it, apart from what single people hold. */
  readonly ordered: OrderedHolds = {
    isHeld: (source) => isOrdered(this.book.precautions, source),
    hold: (source) => this.order(source, true),
    release: (source) => this.order(source, false),
  };

  /** @throws RecordNotWritten */
  private async order(source: ContentSourceId, held: boolean): Promise<Result<void>> {
    const { book, ports } = this;
    let done = OK;
    await book.inTurn(async () => {
      await book.heed(withOrdered(book.precautions, source, held));
      if (held) done = await ports.machine.hold(source);
      else if (!isHeld(book.precautions, source)) done = await ports.machine.releaseHold(source);
    });
    return done;
  }

  stop(): void {
    this.stopped = true;
    this.forgetTimer();
  }

  take({ hold, released }: z.infer<typeof HoldFrame>): void {
    this.inTurn(async () => {
      if (released) await this.giveBack(hold);
      else await this.hold(hold);
      await this.look();
    });
  }

  private async hold(envelope: Envelope): Promise<void> {
    const { book, ports } = this;
    const { uptime, ...facts } = this.events.facts();
    const taken = takeHold(measured(book.precautions, uptime), envelope, { ...facts, uptime });
    if (taken === undefined) return;
    if (taken.kind === "refused") {
      await this.tellRefusal("hold", taken);
      return;
    }
    const { holdId, source } = taken.hold;
    await book.heed(taken.precautions);
    const done = await ports.machine.hold(source);
    if (done.kind === "ok") {
      ports.log.warn("a source is held: it gets no updates", { hold: holdId, source, forMs: taken.hold.lastsMs });
      return;
    }
    await book.heed(without(book.precautions, holdId));
    if (!isHeld(book.precautions, source)) await ports.machine.releaseHold(source);
    await this.tellRefusal("hold", notBelieved("not-possible-here", done.because));
  }

  /** It needs no signature: to let a source go is the safe side. */
  private async giveBack(envelope: Envelope): Promise<void> {
    const holdId = idOf(envelope);
    const hold = heldNow(this.book.precautions).find((held) => held.holdId === holdId);
    if (hold !== undefined) await this.release(hold, this.events.facts().uptime);
  }

  /** False: it is tried again. */
  private async release({ holdId, source }: Hold, uptime: Uptime): Promise<boolean> {
    const { book, ports } = this;
    const others = without(book.precautions, holdId);
    const done = isHeld(others, source) ? undefined : await ports.machine.releaseHold(source);
    if (done?.kind === "fault") {
      ports.log.error("a source could not be released; it is tried again", { hold: holdId, because: done.because });
      return false;
    }
    await book.heed(withReleased(book.precautions, holdId, uptime));
    ports.log.info("a hold is over", { hold: holdId, source });
    return true;
  }

  /** Ends what is over, says what is new, and sets the clock for the next time. */
  private async look(): Promise<void> {
    const { book } = this;
    const { uptime, latest } = this.events.facts();
    let againInMs = MEASURE_EVERY_MS;
    for (const hold of overdue(book.precautions, uptime, latest)) {
      if (!(await this.release(hold, uptime))) againInMs = RETRY_MS;
    }
    await this.tell();
    this.setTimer(uptime, latest, againInMs);
  }

  private setTimer(uptime: Uptime, latest: Instant, atMostMs: number): void {
    const nextMs = nextLookMs(this.book.precautions, uptime, latest);
    this.forgetTimer();
    if (nextMs === undefined || this.stopped) return;
    // What is over and could not be released is due at once: it waits for its next try all the same.
    const waitMs = nextMs === 0 ? RETRY_MS : Math.min(nextMs, atMostMs);
    this.forgetTimer = this.ports.clock.after(waitMs, () =>
      this.inTurn(async () => {
        await this.book.heed(measured(this.book.precautions, this.events.facts().uptime));
        await this.look();
      }),
    );
  }

  private async tell(): Promise<void> {
    for (const { holdId, source, state, told } of this.book.precautions.holds) {
      if (told) continue;
      await this.outbox.put({ kind: "hold-changed", holdId, source, state });
      const { precautions } = this.book;
      const holds = precautions.holds.map((hold) => (hold.holdId === holdId ? { ...hold, told: true } : hold));
      await this.book.heed({ ...precautions, holds });
    }
  }

  /** What the disk does not take now is tried again; anything else ends the agent. */
  private inTurn(work: () => Promise<void>): void {
    this.book
      .inTurn(async () => {
        if (!this.stopped) await work();
      })
      .catch((error: unknown) => {
        if (!(error instanceof RecordNotWritten)) {
          this.events.mustEnd(error);
          return;
        }
        this.ports.log.error("a hold cannot be written down; it is tried again", { because: error.message });
        this.forgetTimer();
        if (!this.stopped) this.forgetTimer = this.ports.clock.after(RETRY_MS, () => this.inTurn(() => this.look()));
      });
  }
}

function idOf(envelope: Envelope): string | undefined {
  try {
    return peek(envelope, HoldStatement).holdId;
  } catch {
    return undefined; // it names no hold, so it releases none
  }
}
