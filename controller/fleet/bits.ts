/** A set of slots, one bit each: what one scan found is asked again without the scan. */
export class Bits {
  private words: Uint32Array;

  /** @param size for so many slots; it grows when a later one is put in. */
  constructor(size: number) {
    this.words = new Uint32Array((size + 31) >>> 5);
  }

  has(slot: number): boolean {
    return (((this.words[slot >>> 5] ?? 0) >>> (slot & 31)) & 1) === 1;
  }

  put(slot: number, isIn: boolean): void {
    const word = slot >>> 5;
    if (word >= this.words.length) this.grow(word + 1);
    const bit = 1 << (slot & 31);
    this.words[word] = isIn ? (this.words[word] ?? 0) | bit : (this.words[word] ?? 0) & ~bit;
  }

  private grow(words: number): void {
    const grown = new Uint32Array(Math.max(words, this.words.length * 2));
    grown.set(this.words);
    this.words = grown;
  }
}
