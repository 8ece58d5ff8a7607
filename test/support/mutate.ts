/** Damages a file as chance would and as an attacker would: the same seed gives the same damage. */
import type { Dice } from "../lab/random.ts";

/** Numbers at which readers go wrong. */
const EXTREMES = [0, 1, 2, 3, 0x7f, 0xff, 0xffff, 0x10000, 0x7fff_ffff, 0x8000_0000, 0xffff_fff8, 0xffff_ffff];

/** @param used the stretch in which it happens: what is behind it is empty */
export function mutate(
  original: Uint8Array,
  dice: Dice,
  used: { readonly begin: number; readonly end: number },
): Buffer {
  let bytes = Buffer.from(original);
  const place = (room: number): number => dice.between(used.begin, Math.max(used.begin, used.end - room));
  for (let changes = dice.between(1, 6); changes > 0; changes--) {
    switch (dice.between(0, 6)) {
      case 0: {
        const at = place(1);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << dice.between(0, 7));
        break;
      }
      case 1:
        bytes.writeUInt32LE(EXTREMES[dice.between(0, EXTREMES.length - 1)] ?? 0, place(4));
        break;
      case 2:
        bytes.writeUInt16LE(dice.between(0, 0xffff), place(2));
        break;
      case 3: // an offset that points to somewhere else in the file: loops, and one thing read as another
        bytes.writeUInt32LE(dice.between(0, used.end), place(4));
        break;
      case 4: {
        const length = dice.between(4, 600);
        const from = place(length);
        bytes.copyWithin(place(length), from, from + length);
        break;
      }
      case 5: {
        const at = place(64);
        bytes.fill(dice.between(0, 1) * 0xff, at, at + dice.between(1, 64));
        break;
      }
      case 6:
        if (dice.between(0, 3) === 0) bytes = bytes.subarray(0, dice.between(0, bytes.length));
        break;
    }
    if (bytes.length < used.end) break;
  }
  return bytes;
}
