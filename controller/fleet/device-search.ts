/**
 * Finds devices by a part of their name or id, whatever the case.
 *
 * Invariant: the answer to a search that is kept is always what a new search would give; it is kept up to date by
 * differences, so that a page that is looked at for an hour is searched for once.
 */
import { Bits } from "./bits.ts";
import { TextBlocks } from "./text-blocks.ts";

const KEPT_MAX = 16;

/**
 * A shorter part of an id would be in many ids by chance: of a million, some twenty hold any given four characters.
 * Someone who looks for "ward" does not mean these.
 */
const ID_PART_MIN = 6;
const IN_AN_ID = /^[0-9a-z_]+$/;

/** As it is compared: a name typed on another system, or in another case, is the same name. */
export const folded = (text: string): string => text.normalize("NFC").toLowerCase();

export class DeviceSearch {
  private readonly names = new TextBlocks();
  private readonly ids = new TextBlocks();
  /** The most recent one last. */
  private readonly kept = new Map<string, Bits>();
  private size = 0;

  /** The name of the device in the slot, folded. */
  nameOf(slot: number): string {
    return this.names.of(slot);
  }
  idOf(slot: number): string {
    return this.ids.of(slot);
  }

  set(slot: number, name: string, id: string): void {
    this.size = Math.max(this.size, slot + 1);
    this.names.set(slot, folded(name));
    if (this.ids.of(slot) !== id) this.ids.set(slot, id);
    for (const [part, bits] of this.kept) {
      const isIn = this.nameOf(slot).includes(part) || (isPartOfId(part) && id.includes(part));
      bits.put(slot, isIn);
    }
  }

  /** The devices whose name or id has the text in it. */
  matching(text: string): Bits {
    const part = folded(text);
    const bits = this.kept.get(part) ?? this.search(part);
    this.kept.delete(part);
    this.kept.set(part, bits);
    const [oldest] = this.kept.keys();
    if (this.kept.size > KEPT_MAX && oldest !== undefined) this.kept.delete(oldest);
    return bits;
  }

  private search(part: string): Bits {
    const bits = new Bits(this.size);
    const found = (slot: number): void => bits.put(slot, true);
    this.names.find(part, found);
    if (isPartOfId(part)) this.ids.find(part, found);
    return bits;
  }
}

const isPartOfId = (part: string): boolean => part.length >= ID_PART_MIN && IN_AN_ID.test(part);
