/**
 * What devices are filtered by, a column a fact: one tight scan over typed arrays answers which devices match and how
 * many of each kind there are. At a million devices that is a few milliseconds.
 *
 * Every kind is counted with all filters but its own: a choice in a filter shows what choosing it would give.
 */
import { Condition } from "../../protocol/api.ts";
import type { Role, Site } from "../../protocol/names.ts";
import type { Sha256 } from "../../protocol/canonical.ts";
import type { ContentSourceId } from "../../protocol/content.ts";
import { DeviceStanding } from "../../protocol/enrolment.ts";
import type { Bits } from "./bits.ts";
import type { Matches } from "./slot-order.ts";
import { type ContentIndex, type ContentUse, NO_CONTENT } from "./content-index.ts";
import { Numbering } from "./numbering.ts";

/** Devices for which all of this holds. */
export interface DeviceFilter {
  readonly site?: Site | undefined;
  readonly role?: Role | undefined;
  readonly condition?: Condition | undefined;
  readonly connected?: boolean | undefined;
  /** The boot before this one ended in a bugcheck, and there was no good boot since. */
  readonly crashed?: boolean | undefined;
  /** Any version of this source. */
  readonly source?: ContentSourceId | undefined;
  readonly sha256?: Sha256 | undefined;
  readonly standing?: DeviceStanding | undefined;
  /** Those that are gone, and only those; without, only those that are not. */
  readonly gone?: boolean | undefined;
}

export interface Scan {
  /** The devices that match. */
  readonly matches: Matches;
  readonly total: number;
  readonly conditions: Readonly<Record<Condition, number>>;
}

/** Every value that at least one device has, with how many; of a large fleet there may be thousands. */
export interface Kinds {
  readonly sites: readonly { readonly site: Site; readonly devices: number }[];
  readonly roles: readonly { readonly role: Role; readonly devices: number }[];
  readonly content: readonly { readonly use: ContentUse; readonly devices: number }[];
}

const STANDINGS = DeviceStanding.options;
/** Beside the number of a standing. */
const GONE = 8;
const CONDITIONS = Condition.options;
/** A state is a condition's number and two bits. */
const CONDITIONS_MAX = 8;
const CONDITION_MASK = CONDITIONS_MAX - 1;
const CONNECTED = 8;
const CRASHED = 16;
const STATES = 32;

/** Which filter a device misses, a bit each: it matches if it misses none. */
const MISSES = { site: 1, role: 2, content: 4, condition: 8, other: 16 } as const;

export class DeviceColumns {
  private readonly siteNumbers = new Numbering<Site>();
  private readonly roleNumbers = new Numbering<Role>();
  private readonly content: ContentIndex;
  private sites: Uint32Array = new Uint32Array(1_024);
  private roles: Uint32Array = new Uint32Array(1_024);
  private contents: Uint32Array = new Uint32Array(1_024);
  private states: Uint8Array = new Uint8Array(1_024);
  private standings: Uint8Array = new Uint8Array(1_024);
  /** Of the scan under way. */
  private misses: Uint8Array = new Uint8Array(1_024);
  private length = 0;
  private goneSlots = 0;

  constructor(content: ContentIndex) {
    this.content = content;
  }

  /** Slots go up from 0 without a gap; a new one is placed first. */
  place(slot: number, { site, role }: { readonly site: Site; readonly role: Role }): void {
    if (slot >= this.states.length) this.grow();
    this.length = Math.max(this.length, slot + 1);
    this.sites[slot] = this.siteNumbers.of(site);
    this.roles[slot] = this.roleNumbers.of(role);
  }

  setState(slot: number, condition: Condition, connected: boolean, crashed: boolean): void {
    this.states[slot] = CONDITIONS.indexOf(condition) | (connected ? CONNECTED : 0) | (crashed ? CRASHED : 0);
  }

  setStanding(slot: number, standing: DeviceStanding, gone: boolean): void {
    this.goneSlots += Number(gone) - ((this.standings[slot] ?? 0) & GONE ? 1 : 0);
    this.standings[slot] = STANDINGS.indexOf(standing) | (gone ? GONE : 0);
  }

  /** The number of the set of content versions that the device holds. */
  contentOf(slot: number): number {
    return this.contents[slot] ?? NO_CONTENT;
  }
  setContent(slot: number, set: number): void {
    this.contents[slot] = set;
  }

  /**
   * @param found the devices that a search found, where there is one
   * @returns matches that hold until the next scan
   */
  scan(filter: DeviceFilter, found: Bits | undefined): Scan {
    const misses = this.missing(filter, found);
    const { length, states } = this;
    // Four counters a condition: with one, each device would wait for the count of the device before it.
    const lanes = new Uint32Array(4 * CONDITIONS_MAX);
    for (let slot = 0; slot < length; slot++) {
      if (((misses[slot] as number) & ~MISSES.condition) !== 0) continue;
      (lanes[((slot & 3) * CONDITIONS_MAX) | ((states[slot] as number) & CONDITION_MASK)] as number)++;
    }
    const countOf = (number: number): number =>
      [0, 1, 2, 3].reduce((sum, lane) => sum + (lanes[lane * CONDITIONS_MAX + number] ?? 0), 0);
    const counts = CONDITIONS.map((_, number) => countOf(number));
    const entries = CONDITIONS.map((condition, i) => [condition, counts[i] ?? 0] as const);
    const conditions = Object.fromEntries(entries) as Record<Condition, number>; // one entry for each of its options
    const total =
      filter.condition === undefined ? counts.reduce((sum, count) => sum + count, 0) : conditions[filter.condition];
    return { matches: misses, total, conditions };
  }

  kinds(filter: DeviceFilter, found: Bits | undefined): Kinds {
    const misses = this.missing(filter, found);
    const { length, sites, roles, contents } = this;
    const siteCounts = new Uint32Array(this.siteNumbers.size);
    const roleCounts = new Uint32Array(this.roleNumbers.size);
    const setCounts = new Uint32Array(this.content.setsEnd);
    for (let slot = 0; slot < length; slot++) {
      const missed = misses[slot] as number;
      if ((missed & ~MISSES.site) === 0) (siteCounts[sites[slot] as number] as number)++;
      if ((missed & ~MISSES.role) === 0) (roleCounts[roles[slot] as number] as number)++;
      if ((missed & ~MISSES.content) === 0) (setCounts[contents[slot] as number] as number)++;
    }
    const some = ({ devices }: { readonly devices: number }): boolean => devices > 0;
    return {
      sites: this.siteNumbers
        .all()
        .map((site, i) => ({ site, devices: siteCounts[i] ?? 0 }))
        .filter(some),
      roles: this.roleNumbers
        .all()
        .map((role, i) => ({ role, devices: roleCounts[i] ?? 0 }))
        .filter(some),
      content: this.content.sharesOf(setCounts).filter(some),
    };
  }

  /** For each slot the bits of the filters that it misses: one pass over a column for each filter that is set. */
  private missing(filter: DeviceFilter, found: Bits | undefined): Uint8Array {
    const { length, misses } = this;
    misses.fill(0, 0, length);
    if (filter.site !== undefined) this.miss(this.sites, onlyNumber(filter.site, this.siteNumbers, MISSES.site));
    if (filter.role !== undefined) this.miss(this.roles, onlyNumber(filter.role, this.roleNumbers, MISSES.role));
    if (filter.source !== undefined || filter.sha256 !== undefined) this.miss(this.contents, this.contentTable(filter));
    if (filter.condition !== undefined || filter.connected !== undefined || filter.crashed !== undefined)
      this.miss(this.states, stateTable(filter));
    if (filter.standing !== undefined || filter.gone === true || this.goneSlots > 0)
      this.miss(this.standings, standingTable(filter));
    if (found !== undefined)
      for (let slot = 0; slot < length; slot++) if (!found.has(slot)) (misses[slot] as number) |= MISSES.other;
    return misses;
  }

  private miss(column: Uint32Array | Uint8Array, table: Uint8Array): void {
    const { length, misses } = this;
    for (let slot = 0; slot < length; slot++) (misses[slot] as number) |= table[column[slot] as number] as number;
  }

  private contentTable({ source, sha256 }: DeviceFilter): Uint8Array {
    const table = new Uint8Array(this.content.setsEnd).fill(MISSES.content);
    for (const set of this.content.setsWith(source, sha256)) table[set] = 0;
    return table;
  }

  private grow(): void {
    this.sites = grownNumbers(this.sites);
    this.roles = grownNumbers(this.roles);
    this.contents = grownNumbers(this.contents);
    this.misses = new Uint8Array(this.states.length * 2);
    const standings = new Uint8Array(this.states.length * 2);
    standings.set(this.standings);
    this.standings = standings;
    const states = new Uint8Array(this.states.length * 2);
    states.set(this.states);
    this.states = states;
  }
}

function stateTable({ condition, connected, crashed }: DeviceFilter): Uint8Array {
  const isAs = (wanted: boolean | undefined, state: number, bit: number): boolean =>
    wanted === undefined || wanted === ((state & bit) !== 0);
  return Uint8Array.from({ length: STATES }, (_, state) => {
    const inCondition = condition === undefined || CONDITIONS[state & CONDITION_MASK] === condition;
    const inRest = isAs(connected, state, CONNECTED) && isAs(crashed, state, CRASHED);
    return (inCondition ? 0 : MISSES.condition) | (inRest ? 0 : MISSES.other);
  });
}

function standingTable({ standing, gone = false }: DeviceFilter): Uint8Array {
  return Uint8Array.from({ length: 2 * GONE }, (_, value) => {
    const isWanted = standing === undefined || STANDINGS[value & (GONE - 1)] === standing;
    return isWanted && gone === ((value & GONE) !== 0) ? 0 : MISSES.other;
  });
}

function onlyNumber<Value extends string>(
  value: Value | undefined,
  numbers: Numbering<Value>,
  miss: number,
): Uint8Array {
  const table = new Uint8Array(numbers.size);
  if (value === undefined) return table;
  table.fill(miss);
  const number = numbers.known(value);
  if (number !== undefined) table[number] = 0;
  return table;
}

function grownNumbers(numbers: Uint32Array): Uint32Array {
  const grown = new Uint32Array(numbers.length * 2);
  grown.set(numbers);
  return grown;
}
