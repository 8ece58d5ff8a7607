/**
 * Windows paths as text: absolute, on a drive, without anything that names another place than it seems to.
 *
 * This is the first guard only: it refuses what can be refused by looking. Whether a path leads where it says
 * (junctions, links, 8.3 names) is for the adapter that opens it.
 */
import { z } from "zod";

/** Windows drops spaces before the extension here, so "con .txt" is the console too. */
const DEVICE_NAME = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3]) *(?:\..*)?$/i;
/** Characters that nobody sees, that turn the text around, or that look like a space: the approver reads another path. */
const DECEPTIVE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;
// biome-ignore lint: control characters are the point
const FORBIDDEN = /[\u0000-\u001f<>"|?*:/]/;
// biome-ignore lint: control characters are the point
const FORBIDDEN_IN_GLOB = /[\u0000-\u001f<>"|:/]/;

/** Says what is wrong with a path, or nothing. Wildcards are allowed in the last part of a glob only. */
function faultOf(path: string, isGlob: boolean): string | undefined {
  if (!/^[A-Za-z]:\\/.test(path)) return "must begin with a drive, as C:\\";
  const parts = path.slice(3).split("\\");
  for (const [i, part] of parts.entries()) {
    const last = i === parts.length - 1;
    if (part === "") return "has an empty part";
    if (part === "." || part === "..") return "must not contain . or ..";
    if ((isGlob && last ? FORBIDDEN_IN_GLOB : FORBIDDEN).test(part))
      return `has a character that is not allowed in "${part}"`;
    if (DECEPTIVE.test(part)) return "has a character that is not seen as what it is";
    if (/[. ]$/.test(part)) return `"${part}" ends in a dot or space, which Windows drops`;
    if (/~\d/.test(part)) return `"${part}" looks like a short (8.3) name`;
    if (DEVICE_NAME.test(part)) return `"${part}" is a device name`;
  }
  return undefined;
}

const windowsPath = (isGlob: boolean) =>
  z
    .string()
    .max(259)
    .superRefine((path, context) => {
      const fault = faultOf(path, isGlob);
      if (fault !== undefined) context.addIssue({ code: "custom", message: `a Windows path ${fault}` });
    });

export const WindowsPath = windowsPath(false).brand<"WindowsPath">();
export type WindowsPath = z.infer<typeof WindowsPath>;
/** A path whose last part may hold * and ?: it names files of one folder. */
export const WindowsGlob = windowsPath(true).brand<"WindowsGlob">();
export type WindowsGlob = z.infer<typeof WindowsGlob>;

/** The folder and the last part. A drive's root is `C:\`. */
export function splitPath(path: WindowsPath | WindowsGlob): { readonly folder: string; readonly name: string } {
  const cut = path.lastIndexOf("\\");
  return { folder: cut === 2 ? path.slice(0, 3) : path.slice(0, cut), name: path.slice(cut + 1) };
}

/** Upper case letter by letter, as NTFS compares: never changes the length, and no letter outside ASCII becomes one of ASCII. */
const foldCase = (text: string): string =>
  text.replace(/[a-z\u0080-\uffff]/g, (letter) => {
    const upper = letter.toUpperCase();
    return upper.length === 1 && (letter <= "z" || upper > "z") ? upper : letter;
  });

/**
 * Does a file's name match the last part of a glob? Case is ignored, as Windows does. A star that did not fit is tried
 * one letter further, and only the last one: the work is at most the product of the lengths.
 */
export function nameMatches(pattern: string, name: string): boolean {
  const p = foldCase(pattern);
  const n = foldCase(name);
  let pi = 0;
  let ni = 0;
  let star = -1;
  let mark = 0;
  while (ni < n.length) {
    if (p[pi] === "*") {
      star = pi++;
      mark = ni;
    } else if (p[pi] === "?" || p[pi] === n[ni]) {
      pi++;
      ni++;
    } else if (star >= 0) {
      pi = star + 1;
      ni = ++mark;
    } else {
      return false;
    }
  }
  while (p[pi] === "*") pi++;
  return pi === p.length;
}

/** Are these the same name to Windows? A Kelvin sign is no k, whatever JavaScript makes of it in lower case. */
export const isSameName = (a: string, b: string): boolean => foldCase(a) === foldCase(b);

/** Is `path` under the folder `root`? Textual; case is ignored. */
export function isUnder(path: string, root: string): boolean {
  const prefix = root.endsWith("\\") ? root : `${root}\\`;
  return foldCase(path).startsWith(foldCase(prefix));
}
