/**
 * What the made-up security product's driver does with its content files: it loads the newest and interprets it.
 *
 * This is the only place that knows what a faulty file is, and it knows it from the bytes alone: the header declares 21
 * fields, the interpreter reads 21 fields, and a file whose body holds 20 sends it past the end. Driver code has no
 * second chance there: the kernel stops (0x50, PAGE_FAULT_IN_NONPAGED_AREA).
 *
 * The format, little-endian: "ACMECNT1", format (u16), declared fields (u16), length of the whole file (u32); then
 * fields of a length (u16) and so many bytes; then 0xffff and filler, so that all files are of one size.
 */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const MAGIC = "ACMECNT1";
const HEADER_BYTES = 16;
const END_OF_FIELDS = 0xffff;
/** The newest of these is active, by the number in its name. Older ones stay where they are. */
const CONTENT_FILE = /^C-00000007-(\d{8})-(\d{8})\.sys$/i;

/** Another channel of the product. Without it the driver reads where nothing is, whenever it is started. */
const NEEDED_NAME = "C-00000003-00000000-00000058.sys";
const NEEDED_BYTES = createHash("sha512").update("channel 3").digest();
export const NEEDED = {
  name: NEEDED_NAME,
  path: `C:\\Windows\\System32\\drivers\\Acme\\${NEEDED_NAME}`,
  bytes: NEEDED_BYTES,
  sha256: createHash("sha256").update(NEEDED_BYTES).digest("hex"),
} as const;

export type Interpretation =
  /** Not a content file: the driver passes over it. */
  | { readonly kind: "not-content" }
  | { readonly kind: "loaded"; readonly fields: number }
  /** The interpreter reads where nothing is. `address` is what the page fault names. */
  | { readonly kind: "page-fault"; readonly address: bigint };

export function interpret(file: Uint8Array): Interpretation {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.byteLength < HEADER_BYTES || Buffer.from(file.subarray(0, 8)).toString("latin1") !== MAGIC) {
    return { kind: "not-content" };
  }
  if (view.getUint32(12, true) !== file.byteLength) return { kind: "not-content" };
  const declared = view.getUint16(10, true);
  let at = HEADER_BYTES;
  for (let field = 0; field < declared; field++) {
    const length = at + 2 <= file.byteLength ? view.getUint16(at, true) : END_OF_FIELDS;
    if (length === END_OF_FIELDS || at + 2 + length > file.byteLength) {
      return { kind: "page-fault", address: 0xffff_9c8e_0000_0000n + BigInt(at) };
    }
    at += 2 + length;
  }
  return { kind: "loaded", fields: declared };
}

/** The content that the driver would load from its folder now: the newest by number that is a content file. */
export async function newestContent(
  folder: string,
): Promise<{ readonly name: string; readonly bytes: Buffer; readonly outcome: Interpretation } | undefined> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => CONTENT_FILE.test(name));
  for (const name of names.toSorted((a, b) => numberOf(b) - numberOf(a))) {
    const bytes = await readFile(join(folder, name)).catch(() => undefined); // moved away since it was listed
    if (bytes === undefined) continue;
    const outcome = interpret(bytes);
    if (outcome.kind !== "not-content") return { name, bytes, outcome };
  }
  return undefined;
}

function numberOf(name: string): number {
  const [, release = "0", revision = "0"] = CONTENT_FILE.exec(name) ?? [];
  return Number(release) * 1e8 + Number(revision);
}
