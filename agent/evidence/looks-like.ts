/** What a file that is no evidence may be instead, so that a person sees which one was meant. A guess, and said as one. */
import type { ByteSource } from "./byte-source.ts";
import { textOf } from "./text-file.ts";

const HEAD_BYTES = 8_192;
const SIGNATURES: readonly (readonly [RegExp, string])[] = [
  [/^regf/, "a registry hive"],
  [/^MZ/, "a program or a driver"],
  [/^PK\x03\x04/, "a zip archive: unpack it first"],
  [/^(?:\x1f\x8b|7z\xbc\xaf|Rar!|MSCF)/, "a packed archive: unpack it first"],
  [/^%PDF/, "a PDF document"],
  [/^\x89PNG|^\xff\xd8\xff/, "a picture"],
];
/** Words that stand in these files in every language. */
const TEXTS: readonly (readonly [RegExp, string])[] = [
  [/\{bootmgr\}/, "a listing of the boot configuration (bcdedit)"],
  [/\bDiskPart\b/, "a listing of disks (DiskPart)"],
  [/^\s*[{[]/, "JSON"],
  [/^\s*<(?:!DOCTYPE )?html/i, "a web page"],
  [/^\s*<(?:\?xml|[A-Za-z])/, "XML, but no event log's"],
];

/** @returns a noun, as "a registry hive" */
export function looksLike(source: ByteSource): string {
  const head = source.read(0, HEAD_BYTES);
  const letters = new TextDecoder("latin1").decode(head);
  const known = SIGNATURES.find(([pattern]) => pattern.test(letters))?.[1];
  if (known !== undefined) return known;
  if (source.size <= 8) return `a leftover of ${source.size} bytes (${hexOf(head)})`;
  if (head.every((byte) => byte === 0)) return "nothing but zeros: the disk lost it, or never wrote it";
  const text = textOf(source, HEAD_BYTES);
  if (isText(text)) return TEXTS.find(([pattern]) => pattern.test(text))?.[1] ?? "some other text";
  if (letters.replaceAll("\0", "").includes("\\Device\\Harddisk"))
    return "Startup Repair's own binary log: the readable one is SrtTrail.txt beside it";
  return `something else that begins with ${hexOf(head.subarray(0, 8))}`;
}

const hexOf = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");

/** Hardly any control characters but those between lines. */
const isText = (text: string): boolean => (text.match(/[^\P{Cc}\t\r\n\f]/gu)?.length ?? 0) <= text.length / 100;
