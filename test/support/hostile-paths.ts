/** Texts that name, or could name, another place than a person reading them would say; each with the reason. */
import type { FileFacts } from "../../agent/ports.ts";

export interface HostilePaths {
  readonly stateFolder: string;
  /** Of the file that the attacker would like to have moved, and whose contents he knows. */
  readonly facts: FileFacts;
  readonly paths: readonly string[];
}

/** What each call did: the word of its fault, or that it was done. */
export interface PathOutcome {
  readonly files: string | readonly string[];
  readonly quarantine: string;
  readonly atRestart: string;
  readonly restore: string;
  readonly keep: string;
  readonly putBack: string;
}

/** In place of a folder or of a file: each is no plain name of one. */
const PARTS: readonly (readonly [why: string, part: string])[] = [
  ["the folder above", ".."],
  ["this folder", "."],
  ["nothing", ""],
  ["three dots", "..."],
  ["dots with a space", ".. "],
  ["a space", " "],
  ["a dot at the end", "inside."],
  ["a space at the end", "inside "],
  ["dots and spaces at the end", "inside. . "],
  ["a stream", "inside:hidden"],
  ["the default stream", "inside::$DATA"],
  ["a folder's index", "inside::$INDEX_ALLOCATION"],
  ["a folder's index by name", "inside:$I30:$INDEX_ALLOCATION"],
  ["a short name", "INSIDE~1"],
  ["a short name with an extension", "LONGNA~1.SYS"],
  ["a hashed short name", "IN04F6~1.SYS"],
  ["a forward slash", "inside/secret.sys"],
  ["a forward slash and the folder above", "inside/../secret.sys"],
  ["a star", "*"],
  ["a star in a name", "ins*"],
  ["a question mark", "insid?"],
  ["NT's own star", "ins<"],
  ["NT's own question mark", "insid>"],
  ["NT's own dot", 'inside"'],
  ["a pipe character", "a|b"],
  ["a zero byte", "inside\u0000.txt"],
  ["a line end", "inside\n"],
  ["a carriage return", "inside\r"],
  ["a tab", "in\tside"],
  ["an escape character", "\u001b[2J"],
  ["a delete character", "inside\u007f"],
  ["a C1 control character", "inside\u0085"],
  ["text turned around", "\u202eedisni"],
  ["text isolated", "\u2066inside"],
  ["a zero-width space", "in\u200bside"],
  ["a zero-width joiner", "in\u200dside"],
  ["a soft hyphen", "in\u00adside"],
  ["a byte order mark", "\ufeffinside"],
  ["a no-break space", "in\u00a0side"],
  ["an ideographic space", "in\u3000side"],
  ["a line separator", "in\u2028side"],
  ["half a surrogate pair", "inside\ud83d"],
  ["the other half", "\ude00inside"],
  ["the console", "CON"],
  ["the console in small letters", "con"],
  ["the console with an extension", "con.sys"],
  ["the console with a space before it", "con .sys"],
  ["the console with two extensions", "con.tar.gz"],
  ["the null device", "NUL"],
  ["the null device with an extension", "nul.sys"],
  ["the printer", "PRN"],
  ["the auxiliary device", "aux.h"],
  ["a serial port", "COM1"],
  ["another serial port", "com9.sys"],
  ["a serial port by a superscript", "COM\u00b9"],
  ["a printer port", "LPT1"],
  ["a printer port by a superscript", "lpt\u00b3.sys"],
  ["the console's input", "CONIN$"],
  ["the console's output", "CONOUT$"],
  ["a drive", "C:"],
  ["an alias of a stream", "secret.sys:$DATA"],
];

/** Before the rest of a path. */
const BEGINNINGS: readonly (readonly [why: string, beginning: string])[] = [
  ["relative to the drive's folder", "C:"],
  ["relative to the root of some drive", "\\"],
  ["relative", ""],
  ["relative to the folder above", "..\\"],
  ["two letters for a drive", "CC:\\"],
  ["a digit for a drive", "1:\\"],
  ["no letter for a drive", ":\\"],
  ["a letter that only looks like C", "\u0421:\\"],
  ["a full-width C", "\uff23:\\"],
  ["a full-width colon", "C\uff1a\\"],
  ["a space before the drive", " C:\\"],
  ["a line before the drive", "\nC:\\"],
  ["a space after the drive", "C: \\"],
  ["two colons", "C::\\"],
  ["two backslashes", "C:\\\\"],
  ["a forward slash", "C:/"],
  ["a full-width backslash", "C:\uff3c"],
  ["a share", "\\\\server\\share\\"],
  ["a share by forward slashes", "//server/share/"],
  ["the administrative share", "\\\\localhost\\C$\\"],
  ["the administrative share by address", "\\\\127.0.0.1\\C$\\"],
  ["the administrative share by IPv6", "\\\\--1.ipv6-literal.net\\C$\\"],
  ["a WebDAV share", "\\\\server@SSL\\DavWWWRoot\\"],
  ["a verbatim path", "\\\\?\\C:\\"],
  ["a verbatim share", "\\\\?\\UNC\\localhost\\C$\\"],
  ["a verbatim path by forward slashes", "//?/C:/"],
  ["the device namespace", "\\\\.\\C:\\"],
  ["the device namespace, by a link", "\\\\.\\GLOBALROOT\\??\\C:\\"],
  ["a disk", "\\\\.\\PhysicalDrive0\\"],
  ["a volume by its number", "\\\\?\\Volume{26a21bda-a627-11d7-9931-806e6f6e6963}\\"],
  ["a snapshot", "\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy1\\"],
  ["the NT namespace", "\\??\\C:\\"],
  ["the global NT namespace", "\\GLOBAL??\\C:\\"],
  ["the DOS devices", "\\DosDevices\\C:\\"],
  ["a device of NT", "\\Device\\HarddiskVolume1\\"],
  ["the system's root", "\\SystemRoot\\"],
  ["a pipe", "\\\\.\\pipe\\"],
  ["Wine's own door to Unix", "\\\\?\\unix\\"],
  ["a URL", "file:///C:/"],
  ["an environment variable", "%SystemDrive%\\"],
  ["a home folder", "~\\"],
  ["a drive of PowerShell", "HKLM:\\"],
];

/** @param root a folder with `inside` and `secret.sys` in it, as `C:\Guard` */
export function hostilePaths(root: string): readonly (readonly [why: string, path: string])[] {
  const below = root.slice(3);
  return [
    ...PARTS.flatMap(([why, part]): (readonly [string, string])[] => [
      [`${why}, for the first folder`, `C:\\${part}\\${below}\\inside\\secret.sys`],
      [`${why}, for a folder`, `${root}\\${part}\\secret.sys`],
      [`${why}, for two folders`, `${root}\\${part}\\${part}\\inside\\secret.sys`],
      [`${why}, for the file`, `${root}\\inside\\${part}`],
    ]),
    ...BEGINNINGS.flatMap(([why, beginning]): (readonly [string, string])[] => [
      [why, `${beginning}${below}\\inside\\secret.sys`],
      [`${why}, and one file`, `${beginning}secret.sys`],
    ]),
    ["nothing at all", ""],
    ["a drive", "C:"],
    ["a drive's root", "C:\\"],
    ["a backslash", "\\"],
    ["too long", `${root}\\${"a".repeat(260)}`],
    ["too deep", `${root}${"\\a".repeat(140)}`],
  ];
}
