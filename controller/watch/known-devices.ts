/**
 * What whoever tells the detector must remember of each device, in one flat table: some fields a device, and the number
 * of the set of contents that lies on its disk. Devices with the same contents share one set.
 */

/** Of a device; 0 is what is not known, or not so. Times are the controller's, unpaced. */
export const FIELD = {
  /** Connected, as far as it was told: the number of the gateway. */
  gateway: 0,
  /** When its last report came: what lay on its disk was known then. */
  reportedAt: 1,
  /** When it was last heard before it went, since its last boot. */
  goneAt: 2,
  /** How it said goodbye when it went; the place in `GOODBYES`, from 1. */
  goodbye: 3,
  segment: 4,
  system: 5,
  model: 6,
  /** What must be added to its clock to have ours: the smallest seen in this boot, and in the one before it. */
  skewMs: 7,
  skewBeforeMs: 8,
  hasSkew: 9,
  /** The place in `CHASSES`, from 1. */
  chassis: 10,
  zone: 11,
} as const;
const WIDTH = 12;

export const GOODBYES = ["shutdown", "restart", "sleep", "service-stop"] as const;
export const CHASSES = ["desktop", "portable", "server", "virtual", "other"] as const;

const NO_CONTENT: readonly number[] = [];

export class KnownDevices {
  private table = new Float64Array(WIDTH * 1_024);
  private contents = new Uint32Array(1_024);
  private readonly sets: (readonly number[])[] = [NO_CONTENT];
  private readonly setNumbers = new Map<string, number>([["", 0]]);
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** The next device. */
  add(): number {
    const slot = this.count++;
    if (slot >= this.contents.length) {
      this.table = grown(this.table, Float64Array);
      this.contents = grown(this.contents, Uint32Array);
    }
    return slot;
  }

  get(slot: number, field: number): number {
    return this.table[slot * WIDTH + field] ?? 0;
  }
  set(slot: number, field: number, value: number): void {
    this.table[slot * WIDTH + field] = value;
  }

  /** The items on its disk, smallest first. */
  content(slot: number): readonly number[] {
    return this.sets[this.contents[slot] ?? 0] ?? NO_CONTENT;
  }
  setContent(slot: number, items: readonly number[]): void {
    const sorted = [...new Set(items)].sort((a, b) => a - b);
    const key = sorted.join(" ");
    let number = this.setNumbers.get(key);
    if (number === undefined) this.setNumbers.set(key, (number = this.sets.push(sorted) - 1));
    this.contents[slot] = number;
  }

  /** As it is stored: the fields, then the items. */
  row(slot: number): readonly number[] {
    return [...this.table.subarray(slot * WIDTH, (slot + 1) * WIDTH), ...this.content(slot)];
  }
  /** The rows as they are now, whatever is told afterwards. */
  rows(): (slot: number) => readonly number[] {
    const copy = new KnownDevices();
    copy.table = this.table.slice(0, this.count * WIDTH);
    copy.contents = this.contents.slice(0, this.count);
    copy.sets.push(...this.sets.slice(1));
    return (slot) => copy.row(slot);
  }
  restore(slot: number, row: readonly number[]): void {
    this.table.set(row.slice(0, WIDTH), slot * WIDTH);
    this.setContent(slot, row.slice(WIDTH));
  }
}

function grown<C extends Float64Array | Uint32Array>(column: C, make: new (length: number) => C): C {
  const larger = new make(column.length * 2);
  larger.set(column);
  return larger;
}
