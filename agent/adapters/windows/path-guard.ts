/**
 * Which path was meant, and whether an open handle lies there: the two ends of the guard, both by text alone.
 *
 * What is asked is taken apart letter by letter and never "normalised". What Windows answers for the opened handle must be
 * the same path again, part by part, in any case; 8.3 names, substituted and network drives, mount points and links all
 * answer with another one.
 */
import { isSameName, WindowsPath } from "../../../protocol/windows-path.ts";
import { FileFault } from "./file-fault.ts";

export interface AskedPath {
  /** As `C:`. */
  readonly drive: string;
  /** None for the drive's root. */
  readonly parts: readonly string[];
}

/** @throws FileFault `path-escapes` for a text that names, or could name, another place than it seems to */
export function askedPath(text: string): AskedPath {
  if (/^[A-Za-z]:\\$/.test(text)) return { drive: text.slice(0, 2), parts: [] };
  const parsed = WindowsPath.safeParse(text);
  if (!parsed.success)
    throw new FileFault("path-escapes", `${JSON.stringify(text)}: ${parsed.error.issues[0]?.message ?? "no path"}`);
  return { drive: text.slice(0, 2), parts: text.slice(3).split("\\") };
}

/** @param final as GetFinalPathNameByHandleW says it, with `\\?\` before it */
export function isFinalPath(final: string, { drive, parts }: AskedPath): boolean {
  if (!final.startsWith("\\\\?\\")) return false;
  const [finalDrive, ...finalParts] = final.slice(4).split("\\");
  const there = finalParts.at(-1) === "" ? finalParts.slice(0, -1) : finalParts;
  return (
    finalDrive !== undefined &&
    isSameName(finalDrive, drive) &&
    there.length === parts.length &&
    there.every((part, i) => isSameName(part, parts[i] ?? ""))
  );
}

export const pathOf = ({ drive, parts }: AskedPath): string => `${drive}\\${parts.join("\\")}`;
