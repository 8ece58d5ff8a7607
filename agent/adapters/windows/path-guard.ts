/**
 * Which path was meant, and whether an open handle lies there: the two ends of the guard, both by text alone.
 *
 * What is asked is taken apart letter by letter and never "normalised". What Windows answers for the opened handle must be
 * the same path again, part by part, in any case; 8.3 names, substituted and network drives, mount points and links all
 * answer with another one.
 */
import { isSameName, splitPath, WindowsGlob, WindowsPath } from "../../../protocol/windows-path.ts";
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

interface InFolder {
  readonly folder: string;
  readonly name: string;
}

/** The folder and the file's name in it. @throws FileFault `path-escapes`, as `askedPath` */
export function askedFile(path: string): InFolder {
  const { drive, parts } = askedPath(path);
  const name = parts.at(-1);
  if (name === undefined) throw new FileFault("path-escapes", `${path} is a drive`);
  return { folder: pathOf({ drive, parts: parts.slice(0, -1) }), name };
}

/** The same for what matches several files: its last part is for comparing, never for opening. */
export function askedGlob(glob: WindowsGlob): InFolder {
  if (WindowsGlob.safeParse(glob).success) return splitPath(glob);
  throw new FileFault("path-escapes", `${JSON.stringify(glob)} is no glob that stays in one folder`);
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
