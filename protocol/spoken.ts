/**
 * Digests and key ids as they are read out over the phone: 100 bits, five groups of four, in an alphabet without letters
 * that sound or look like digits. Enough to notice another text; what is signed is always the whole digest.
 */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const GROUPS = 5;

/** "7h2k-9mqe-x0ra-tt5d-81cv". @param hex of a SHA-256 */
export function spoken(hex: string): string {
  const bits = BigInt(`0x${hex.slice(0, 25)}`); // 25 digits of 4 bits
  const letters = Array.from({ length: GROUPS * 4 }, (_, i) => ALPHABET[Number((bits >> BigInt(5 * (19 - i))) & 31n)]);
  return Array.from({ length: GROUPS }, (_, group) => letters.slice(group * 4, group * 4 + 4).join("")).join("-");
}
