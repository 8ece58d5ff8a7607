/**
 * When a controller holds that something happened, as `controller/watch/` dates it. It believes no device's clock: a
 * machine that was heard crashed when it was last heard, and what it has taken was written after its last report.
 *
 * In ticks, and in columns for millions of devices.
 */
import type { Bytes, Rows, Words } from "../detection/rows.ts";
import { MINUTE } from "./calendar.ts";
import { UPTIME_TICKS } from "./words.ts";

/** What was written right before a crash was written before it: a tenth of a second. */
const JUST_BEFORE_TICKS = 1;
/** A machine that crashed may have lived on so long unheard: what is younger came when it was up again. */
const UNHEARD_TICKS = MINUTE;

/** What a machine remembers of a boot that ended without a goodbye. */
export interface Ended {
  readonly signal: "bugcheck" | "restart";
  readonly tick: number;
  readonly wasHeard: boolean;
  /** The slot of the version that its dump points at. */
  readonly pointsAt: number | null;
}

export class Dates {
  /** Ticks plus one; 0: never. */
  readonly #reportedAt: Words;
  /** When it was last heard before it went, since its last boot; ticks plus one, 0: it is not known to have gone. */
  readonly #goneAt: Words;
  readonly #saidGoodbye: Bytes;

  constructor(rows: Rows) {
    this.#reportedAt = rows.word();
    this.#goneAt = rows.word();
    this.#saidGoodbye = rows.byte();
  }

  /** When its last report came; -1: there was none. */
  reported(device: number): number {
    return this.#reportedAt.get(device) - 1;
  }

  noteReport(device: number, tick: number): void {
    this.#reportedAt.set(device, tick + 1);
  }

  noteGone(device: number, heardTick: number, saidGoodbye: boolean): void {
    this.#goneAt.set(device, heardTick + 1);
    this.#saidGoodbye.set(device, saidGoodbye ? 1 : 0);
  }

  noteBoot(device: number, tick: number): void {
    this.noteReport(device, tick);
    this.#goneAt.set(device, 0);
    this.#saidGoodbye.set(device, 0);
  }

  /** Of what it says it has taken at a tick. */
  taken(device: number, writtenTick: number): number {
    return Math.max(writtenTick, this.reported(device));
  }

  /**
   * Of a crash that a boot report of this tick tells. Null: what was before its first report nobody judges, and a machine
   * that said goodbye lost no power in that boot.
   */
  crashed(device: number, tick: number, { signal, tick: endedTick, wasHeard }: Ended): number | null {
    const reported = this.reported(device);
    const gone = this.#gone(device);
    const saidGoodbye = this.#saidGoodbye.get(device) !== 0;
    if (reported < 0 || (signal === "restart" && saidGoodbye && wasHeard)) return null;
    const bootBegan = Math.max(tick - UPTIME_TICKS, reported);
    if (wasHeard && gone >= 0 && !saidGoodbye) return between(gone, reported, bootBegan);
    return between(endedTick, Math.min(Math.max(gone, reported), bootBegan), bootBegan);
  }

  /**
   * Of what a boot report of this tick is the first to tell: the time of the file, where that can be right.
   * @param until it was there then: at the crash, or when it is told
   */
  written(device: number, tick: number, fileTick: number, until: number): number {
    const reported = this.reported(device);
    const gone = this.#gone(device);
    if (fileTick > reported && fileTick < until) return fileTick;
    if (fileTick > until + UNHEARD_TICKS && fileTick <= tick) return fileTick;
    return between(gone >= 0 ? gone : tick, reported, Math.max(reported, until - JUST_BEFORE_TICKS));
  }

  #gone(device: number): number {
    return this.#goneAt.get(device) - 1;
  }
}

const between = (tick: number, from: number, to: number): number => Math.max(from, Math.min(tick, to));
