/**
 * The machines that could have failed instead of the one that did: of its block, online at that moment, heard, up for
 * about as long, and without an event of their own in the last seven days, *whatever their exposure*. Removed
 * symmetrically: if only the exposed were taken out after a crash, the rest would look ever more guilty; if a machine
 * came back in by being exposed, one bad machine could convict every version it takes.
 *
 * Two times online are remembered of each machine. A crash that is told late may be of before these; machines that come
 * and go often are then unlike the others, so they are not left out but count where that speaks for a version.
 *
 * Anytime-valid log-rank test: ter Schure, Perez-Ortiz, Ly, Grünwald, NEJSDS 2024, doi 10.51387/24-NEJSDS65.
 */
import type { Blocks } from "./blocks.ts";
import { NEVER, TENTHS_A_DAY, TENTHS_A_MINUTE } from "./clock.ts";
import { type Columns, COUNTS_NOT, DROPPED, DROPPED_BEFORE } from "./columns.ts";

const QUIET_TENTHS = 7 * TENTHS_A_DAY;
/** Two events within this, and a machine counts nowhere: it is broken by itself. */
const BROKEN_TENTHS = 30 * TENTHS_A_DAY;
/** A crash so long after the machine was last heard may still be of the time when it was online. */
export const UNHEARD_TENTHS = 5 * TENTHS_A_MINUTE;
/** Reports of one death that came on several ways differ by so much at most. */
const SAME_DEATH_TENTHS = 15 * TENTHS_A_MINUTE;

/** Machines that have just come up fail more often: compared are machines up for < 10, 10 to 60, > 60 minutes. */
function upBin(tenths: number): number {
  if (tenths < 10 * TENTHS_A_MINUTE) return 0;
  return tenths < 60 * TENTHS_A_MINUTE ? 1 : 2;
}

/** Machines crash more often just after they came, which is also when many take what is new. */
export const isEarly = ({ at, since }: Moment): boolean => upBin(at - since) === 0;

/** When a machine's crash counts, and since when it had been up; undefined: it was not at risk. */
export interface Moment {
  readonly at: number;
  readonly since: number;
}

/**
 * The time of a crash as the risk set has to see it. A machine that left without a word may have lived on unheard;
 * later than five minutes after that, nobody knows what it took meanwhile, so the crash counts as of then.
 */
export function momentOf(columns: Columns, slot: number, at: number): Moment | undefined {
  const isLatest = columns.since.get(slot) !== NEVER && columns.since.get(slot) <= at;
  const since = (isLatest ? columns.since : columns.sinceBefore).get(slot);
  const end = (isLatest ? columns.end : columns.endBefore).get(slot);
  if (since === NEVER || since > at) return undefined;
  if (at <= end) return { at, since };
  const dropped = columns.has(slot, isLatest ? DROPPED : DROPPED_BEFORE);
  return dropped ? { at: Math.min(at, end + UNHEARD_TENTHS), since } : undefined;
}

/** Did the controller itself see the machine fall silent when it says that it crashed? Words alone are cheap. */
export function wasSeen(columns: Columns, slot: number, at: number): boolean {
  const isLatest = columns.since.get(slot) !== NEVER && columns.since.get(slot) <= at;
  const end = (isLatest ? columns.end : columns.endBefore).get(slot);
  const dropped = columns.has(slot, isLatest ? DROPPED : DROPPED_BEFORE);
  return dropped && Math.abs(end - at) <= UNHEARD_TENTHS;
}

/** A report of a death that is known already, by its silence or by another report. */
export function isSameDeath(columns: Columns, slot: number, at: number): boolean {
  const event = columns.event.get(slot);
  return event !== NEVER && Math.abs(event - at) <= SAME_DEATH_TENTHS;
}

/**
 * Had it died before, in the last seven days? What then falls silent again is no news: a machine in a boot loop is heard
 * for moments and gone again, and a whole ward of them would look like another disaster, just while it is being cured.
 */
export function hadDied(columns: Columns, slot: number, at: number): boolean {
  const event = columns.event.get(slot);
  return event !== NEVER && at - event > TENTHS_A_MINUTE && at - event <= QUIET_TENTHS;
}

/** May this machine's event at `at` count: had it been quiet until then? */
export function wasQuiet(columns: Columns, slot: number, at: number): boolean {
  let last = columns.event.get(slot);
  let before = columns.eventBefore.get(slot);
  if (isSameDeath(columns, slot, at)) {
    last = before;
    before = NEVER;
  }
  return isQuiet(last, before, at);
}

function isQuiet(last: number, before: number, at: number): boolean {
  if (last !== NEVER && last >= at) return before === NEVER || at - before > QUIET_TENTHS;
  if (last === NEVER || at - last > BROKEN_TENTHS) return true;
  return at - last > QUIET_TENTHS && (before === NEVER || at - before > BROKEN_TENTHS);
}

/** Machines of a block, one bit a place, and how many they are. */
export interface Members {
  readonly bits: Int32Array;
  size: number;
}

function clear(members: Members): void {
  members.bits.fill(0);
  members.size = 0;
}
function add(members: Members, place: number): void {
  members.bits[place >> 5] = (members.bits[place >> 5] as number) | (1 << (place & 31));
  members.size++;
}

export class RiskSet {
  /** Everybody at risk, the failing machine among them. */
  readonly all: Members;
  /** Who has come and gone so often since that nobody knows whether it was there. */
  readonly perhaps: Members;
  /** Of both, the ones of one hardware model. */
  readonly ofModel: Members;
  readonly perhapsOfModel: Members;
  #start = 0;
  readonly #columns: Columns;
  readonly #blocks: Blocks;
  readonly #forgetsEvents: boolean;
  readonly #ignoresUpTime: boolean;

  constructor(columns: Columns, blocks: Blocks, blockMax: number, without: { atRisk: boolean; strata: boolean }) {
    this.#columns = columns;
    this.#blocks = blocks;
    const members = (): Members => ({ bits: new Int32Array(blockMax >> 5), size: 0 });
    this.all = members();
    this.perhaps = members();
    this.ofModel = members();
    this.perhapsOfModel = members();
    this.#forgetsEvents = without.atRisk;
    this.#ignoresUpTime = without.strata;
  }

  /**
   * Everybody who could have failed at this moment in the block of `slot`.
   * @param couldHave whose failing would have counted, too, of a machine that came up at `since` (tenths); null: anybody's
   */
  fill(slot: number, { at, since }: Moment, couldHave: ((slot: number, since: number) => boolean) | null): void {
    const { since: sinces, end: ends, sinceBefore, endBefore, event, eventBefore, block } = this.#columns;
    const number = block.get(slot);
    const bin = upBin(at - since);
    const from = this.#blocks.start(number);
    const to = this.#blocks.end(number);
    const { all, perhaps } = this;
    clear(all);
    clear(perhaps);
    for (let other = from; other < to; other++) {
      let isLost = false;
      if (other !== slot) {
        let start = sinces.get(other);
        let end = ends.get(other);
        if (start > at) {
          start = sinceBefore.get(other);
          end = endBefore.get(other);
        }
        if (start === NEVER) continue;
        isLost = start > at;
        if (end < at) continue;
        if (this.#columns.has(other, COUNTS_NOT)) continue;
        if (!isLost && !this.#ignoresUpTime && upBin(at - start) !== bin) continue;
        if (!this.#forgetsEvents && !isQuiet(event.get(other), eventBefore.get(other), at)) continue;
        if (couldHave !== null && !couldHave(other, isLost ? NEVER : start)) continue;
      }
      add(isLost ? perhaps : all, other - from);
    }
    this.#start = from;
  }

  narrow(model: number): void {
    this.#narrow(this.all, this.ofModel, model);
    this.#narrow(this.perhaps, this.perhapsOfModel, model);
  }

  #narrow({ bits, size }: Members, into: Members, model: number): void {
    clear(into);
    if (size === 0) return;
    const { model: models } = this.#columns;
    for (let word = 0; word < bits.length; word++) {
      for (let rest = bits[word] as number; rest !== 0; rest &= rest - 1) {
        const place = word * 32 + 31 - Math.clz32(rest & -rest);
        if (models.get(this.#start + place) === model) add(into, place);
      }
    }
  }
}
