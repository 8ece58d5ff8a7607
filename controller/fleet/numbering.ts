/** Gives values small numbers, so that a column of a million holds numbers. A value keeps its number for good. */
export class Numbering<Value extends string> {
  private readonly numbers = new Map<Value, number>();
  private readonly values: Value[] = [];

  get size(): number {
    return this.values.length;
  }

  /** Its number; a new value gets the next one. */
  of(value: Value): number {
    let number = this.numbers.get(value);
    if (number === undefined) {
      number = this.values.push(value) - 1;
      this.numbers.set(value, number);
    }
    return number;
  }

  /** The number of a value that has one. */
  known(value: Value): number | undefined {
    return this.numbers.get(value);
  }

  all(): readonly Value[] {
    return this.values;
  }
}
