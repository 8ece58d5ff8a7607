/**
 * The partition of the fleet inside of which machines are compared: alike enough that, were no version faulty, any of
 * them could have failed as well as the one that did. Without it a version that is on servers alone is convicted when
 * servers fail more often.
 *
 * It is fixed before an event and never looks at exposure. Large strata are cut into blocks of at most 1,024, so that an
 * event costs a block and not the fleet: any cut that knows nothing of exposure keeps the test valid.
 */
import type { Columns } from "./columns.ts";

export const BLOCK_MAX = 1_024;
/** A finer stratum needs so many machines, or it has too few to compare with. */
const STRATUM_MIN = 50;
const NONE = 0xff_ff_ff_ff;

export interface Partition {
  /** Slots as they are now, in their new order. */
  readonly order: Uint32Array;
  /** The first new slot of each block, and the end. */
  readonly starts: number[];
}

/** @param level 0: site x class x OS, 1: region x class x OS, 2: region x class, 3: class */
function keyOf(columns: Columns, slot: number, level: number): number {
  const kind = columns.class.get(slot);
  const os = columns.os.get(slot);
  switch (level) {
    case 0:
      return (columns.site.get(slot) * 4 + kind) * 65_536 + os;
    case 1:
      return (columns.region.get(slot) * 4 + kind) * 65_536 + os;
    case 2:
      return columns.region.get(slot) * 4 + kind;
    default:
      return kind;
  }
}

/** The stratum of each slot, numbered from the finest. */
function strataOf(columns: Columns, isSplit: boolean): { readonly of: Uint32Array; readonly count: number } {
  const of = new Uint32Array(columns.size);
  if (!isSplit) return { of, count: 1 };
  of.fill(NONE);
  let count = 0;
  for (let level = 0; level <= 3; level++) {
    const sizes = new Map<number, number>();
    for (let slot = 0; slot < columns.size; slot++) {
      if (of[slot] !== NONE) continue;
      const key = keyOf(columns, slot, level);
      sizes.set(key, (sizes.get(key) ?? 0) + 1);
    }
    const numbers = new Map<number, number>();
    for (const key of [...sizes.keys()].sort((a, b) => a - b)) {
      if (level === 3 || (sizes.get(key) ?? 0) >= STRATUM_MIN) numbers.set(key, count++);
    }
    for (let slot = 0; slot < columns.size; slot++) {
      if (of[slot] === NONE) of[slot] = numbers.get(keyOf(columns, slot, level)) ?? NONE;
    }
  }
  return { of, count };
}

/** `order` sorted by what `keyOfSlot` says, machines with the same key as they were. */
function sorted(order: Uint32Array, keys: number, keyOfSlot: (slot: number) => number): Uint32Array {
  const starts = new Uint32Array(keys + 1);
  for (const slot of order) starts[keyOfSlot(slot) + 1] = (starts[keyOfSlot(slot) + 1] as number) + 1;
  for (let key = 0; key < keys; key++) starts[key + 1] = (starts[key + 1] as number) + (starts[key] as number);
  const result = new Uint32Array(order.length);
  for (const slot of order) {
    const key = keyOfSlot(slot);
    result[starts[key] as number] = slot;
    starts[key] = (starts[key] as number) + 1;
  }
  return result;
}

/** @param isSplit false: all are one stratum */
export function partition(columns: Columns, isSplit: boolean): Partition {
  const strata = strataOf(columns, isSplit);
  let sites = 1;
  for (let slot = 0; slot < columns.size; slot++) sites = Math.max(sites, columns.site.get(slot) + 1);
  const byDevice = columns.slotOf.slice(0, columns.size);
  // Neighbours in a block are of the same site as far as possible: what a site has in common then cancels out.
  const bySite = isSplit ? sorted(byDevice, sites, (slot) => columns.site.get(slot)) : byDevice;
  const order = sorted(bySite, strata.count, (slot) => strata.of[slot] as number);
  const sizes = new Uint32Array(strata.count);
  for (const stratum of strata.of) sizes[stratum] = (sizes[stratum] as number) + 1;
  const starts: number[] = [];
  let from = 0;
  for (const size of sizes) {
    const blocks = Math.ceil(size / BLOCK_MAX);
    for (let block = 0; block < blocks; block++) starts.push(from + Math.floor((size * block) / blocks));
    from += size;
  }
  return { order, starts };
}
