/**
 * Finds the slots whose text has a part, over a million short texts.
 *
 * The texts of `BLOCK` slots are joined into one: searching a few hundred long texts takes half the time of a million
 * short ones, and a text that changes costs its block.
 */
const BLOCK = 4_096;
/** Stands in no text and in no part: names and ids have no control characters. */
const SEPARATOR = "\n";

export class TextBlocks {
  private readonly texts: string[] = [];
  private readonly blocks: (string | undefined)[] = [];

  of(slot: number): string {
    return this.texts[slot] ?? "";
  }

  set(slot: number, text: string): void {
    this.texts[slot] = text;
    const block = Math.floor(slot / BLOCK);
    this.blocks[block] = undefined;
    // Joined as soon as it is full: a fleet that was just loaded is searched without a pause.
    if (slot % BLOCK === BLOCK - 1) this.joined(block);
  }

  /** Calls once for each slot whose text has the part, in the order of the slots. */
  find(part: string, found: (slot: number) => void): void {
    for (let block = 0; block < this.blocks.length; block++) {
      const joined = this.joined(block);
      let at = joined.indexOf(part);
      let slot = block * BLOCK;
      let end = this.of(slot).length;
      while (at >= 0) {
        while (end < at) end += SEPARATOR.length + this.of(++slot).length;
        found(slot);
        at = joined.indexOf(part, end + SEPARATOR.length);
      }
    }
  }

  private joined(block: number): string {
    return (this.blocks[block] ??= this.texts.slice(block * BLOCK, (block + 1) * BLOCK).join(SEPARATOR));
  }
}
