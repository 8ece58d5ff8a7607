/** GUIDs that are made of names, so that the same package has the same ones wherever and whenever it is built. */
import { createHash } from "node:crypto";

/** Never to change: it is what all of this product's GUIDs are made of. */
const NAMESPACE = "ringback agent for windows";

/** RFC 9562 version 8, as Windows Installer writes it: upper case, without braces. */
export function guidOf(...names: readonly string[]): string {
  const bytes = createHash("sha256")
    .update([NAMESPACE, ...names].join("\0"))
    .digest();
  bytes[6] = 0x80 | (0x0f & (bytes[6] ?? 0));
  bytes[8] = 0x80 | (0x3f & (bytes[8] ?? 0));
  const hex = bytes.toString("hex").toUpperCase();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}
