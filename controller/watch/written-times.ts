/**
 * Since when each device has each version under test, where that is known: a column a version, for as long as any device
 * has it.
 */
const UNKNOWN = -1;

export class WrittenTimes {
  private readonly columns = new Map<number, { times: Float64Array; holders: number }>();

  /** @returns null: nobody knows since when; undefined: it has it not */
  get(version: number, slot: number): number | null | undefined {
    const time = this.columns.get(version)?.times[slot] ?? 0;
    if (time === 0) return undefined;
    return time === UNKNOWN ? null : time;
  }

  set(version: number, slot: number, writtenAt: number | null): void {
    const column = this.columns.get(version) ?? { times: new Float64Array(0), holders: 0 };
    this.columns.set(version, column);
    if (slot >= column.times.length) {
      const larger = new Float64Array(Math.max(1_024, slot + 1, column.times.length * 2));
      larger.set(column.times);
      column.times = larger;
    }
    if (column.times[slot] === 0) column.holders++;
    column.times[slot] = writtenAt === null ? UNKNOWN : Math.max(1, writtenAt);
  }

  clear(version: number, slot: number): void {
    const column = this.columns.get(version);
    if (column === undefined || (column.times[slot] ?? 0) === 0) return;
    column.times[slot] = 0;
    column.holders--;
    if (column.holders === 0) this.columns.delete(version);
  }
}
