import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isUnder, nameMatches, splitPath, WindowsGlob, WindowsPath } from "../../protocol/windows-path.ts";

const DRIVERS = "C:\\Windows\\System32\\drivers";

/** Each names, or could name, another place than a person reading it would say. */
const HOSTILE: readonly (readonly [why: string, path: string])[] = [
  ["nothing", ""],
  ["relative", "Windows\\System32\\a.sys"],
  ["relative to the drive's folder", "C:a.sys"],
  ["relative to the root of some drive", "\\Windows\\a.sys"],
  ["a drive alone", "C:"],
  ["a drive's root", "C:\\"],
  ["two letters for a drive", "CC:\\a.sys"],
  ["a digit for a drive", "1:\\a.sys"],
  ["a letter that only looks like C", "\u0421:\\a.sys"],
  ["a full-width colon", "C\uff1a\\a.sys"],
  ["a space before the drive", " C:\\a.sys"],
  ["a line before the drive", "\nC:\\a.sys"],
  ["a share", "\\\\server\\share\\a.sys"],
  ["a share by forward slashes", "//server/share/a.sys"],
  ["the administrative share", "\\\\localhost\\C$\\Windows\\a.sys"],
  ["a WebDAV share", "\\\\server@SSL\\DavWWWRoot\\a.sys"],
  ["a verbatim path", "\\\\?\\C:\\Windows\\a.sys"],
  ["a verbatim share", "\\\\?\\UNC\\server\\share\\a.sys"],
  ["the device namespace", "\\\\.\\PhysicalDrive0"],
  ["a volume by its number", "\\\\?\\Volume{26a21bda-a627-11d7-9931-806e6f6e6963}\\a.sys"],
  ["a snapshot", "\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy1\\a.sys"],
  ["the NT namespace", "\\??\\C:\\Windows\\a.sys"],
  ["a pipe", "\\\\.\\pipe\\agent"],
  ["a URL", "file:///C:/Windows/a.sys"],
  ["an environment variable for a drive", "%SystemRoot%\\a.sys"],
  ["forward slashes", "C:/Windows/a.sys"],
  ["one forward slash", "C:\\Windows/a.sys"],
  ["the folder above", "C:\\Windows\\..\\a.sys"],
  ["the folder above, at the start", "C:\\..\\a.sys"],
  ["the folder above, at the end", "C:\\Windows\\.."],
  ["this folder", "C:\\Windows\\.\\a.sys"],
  ["dots with spaces", "C:\\Windows\\.. \\a.sys"],
  ["three dots", "C:\\Windows\\...\\a.sys"],
  ["an empty part", "C:\\Windows\\\\a.sys"],
  ["an empty first part", "C:\\\\Windows\\a.sys"],
  ["a backslash at the end", "C:\\Windows\\"],
  ["a dot at the end", "C:\\Windows\\a.sys."],
  ["a space at the end", "C:\\Windows\\a.sys "],
  ["a folder with a dot at the end", "C:\\Windows.\\a.sys"],
  ["a folder with a space at the end", "C:\\Windows \\System32\\a.sys"],
  ["an alternate stream", "C:\\Windows\\a.sys:hidden"],
  ["the default stream", "C:\\Windows\\a.sys::$DATA"],
  ["a folder's stream", "C:\\Windows::$INDEX_ALLOCATION\\a.sys"],
  ["a colon after the drive's", "C::\\Windows\\a.sys"],
  ["a zero byte", "C:\\Windows\\a.sys\u0000.txt"],
  ["a line end", "C:\\Windows\\a.sys\n"],
  ["a tab", "C:\\Windows\\a\t.sys"],
  ["an escape character", "C:\\Windows\\\u001b[2Ja.sys"],
  ["a delete character", "C:\\Windows\\a\u007f.sys"],
  ["a C1 control character", "C:\\Windows\\a\u0085.sys"],
  ["text turned around", "C:\\Windows\\\u202esys.a"],
  ["text isolated", "C:\\Windows\\\u2066a.sys"],
  ["a zero-width space", "C:\\Windows\\a\u200b.sys"],
  ["a zero-width joiner", "C:\\Windows\\a\u200d.sys"],
  ["a soft hyphen", "C:\\Windows\\a\u00ad.sys"],
  ["a byte order mark", "C:\\Windows\\\ufeffa.sys"],
  ["a no-break space", "C:\\Program\u00a0Files\\a.sys"],
  ["an ideographic space", "C:\\Program\u3000Files\\a.sys"],
  ["a line separator", "C:\\Windows\\a\u2028.sys"],
  ["half a surrogate pair", "C:\\Windows\\a\ud83d.sys"],
  ["a short folder name", "C:\\PROGRA~1\\a.sys"],
  ["a short file name", "C:\\Windows\\LONGNA~1.SYS"],
  ["a hashed short name", "C:\\Windows\\LO04F6~1.SYS"],
  ["the console", "C:\\Windows\\CON"],
  ["the console in small letters, with an extension", "C:\\Windows\\con.sys"],
  ["the console with a space before its extension", "C:\\Windows\\con .sys"],
  ["the console with two extensions", "C:\\Windows\\con.tar.gz"],
  ["the console as a folder", "C:\\con\\a.sys"],
  ["the null device", "C:\\Windows\\NUL.txt"],
  ["the auxiliary device", "C:\\Windows\\aux"],
  ["the printer", "C:\\Windows\\PRN.sys"],
  ["a serial port", "C:\\Windows\\COM1"],
  ["a serial port by a superscript", "C:\\Windows\\COM\u00b2.sys"],
  ["a printer port", "C:\\Windows\\lpt9.sys"],
  ["the console's input", "C:\\Windows\\CONIN$"],
  ["the console's output", "C:\\Windows\\conout$.txt"],
  ["a quote", 'C:\\Windows\\a".sys'],
  ["a pipe character", "C:\\Windows\\a|b.sys"],
  ["a redirection", "C:\\Windows\\a>b.sys"],
  ["NT's own wildcards", "C:\\Windows\\a<.sys"],
  ["a wildcard in a folder", "C:\\Win*\\a.sys"],
  ["a question mark in a folder", "C:\\Window?\\a.sys"],
  ["too long", `C:\\${"a".repeat(257)}`],
];

describe("a path that leads elsewhere than it seems", () => {
  test.each(HOSTILE)("is refused: %s", (_, path) => {
    expect(WindowsPath.safeParse(path).success).toBe(false);
    expect(WindowsGlob.safeParse(path).success).toBe(false);
  });

  test("no text around a hostile part makes it good", () => {
    const part = fc.constantFrom("..", ".", "", "con", "nul.txt", "a:b", "a~1", "a.", "a ", "a/b", "\u202e");
    const good = fc.array(fc.constantFrom("Windows", "System32", "drivers", "a b", "ö", "x.y"), { maxLength: 4 });
    fc.assert(
      fc.property(good, part, good, (before, bad, after) => {
        expect(WindowsPath.safeParse(["C:", ...before, bad, ...after].join("\\")).success).toBe(false);
      }),
    );
  });
});

describe("an ordinary path", () => {
  test.each([
    `${DRIVERS}\\CrowdStrike\\C-00000291-00000000-00000032.sys`,
    "c:\\program files (x86)\\a.b.c\\d",
    "D:\\Data\\Jörg\\日本語.txt",
    "C:\\Users\\%name%\\$Recycle.Bin",
    "C:\\.config\\..a\\a..b",
    "C:\\console\\nullable\\com\\com12.sys\\lpt",
    "C:\\a~b\\~\\a~",
    `C:\\${"a".repeat(256)}`,
  ])("is taken as it is: %s", (path) => {
    expect(WindowsPath.parse(path)).toBe(path);
    expect(WindowsGlob.parse(path)).toBe(path);
  });

  test.each([`${DRIVERS}\\C-00000291*.sys`, "C:\\a\\?", "C:\\a\\*", "C:\\a\\*.*"])(
    "%s names files of one folder, so it is a glob and no path",
    (glob) => {
      expect(WindowsGlob.parse(glob)).toBe(glob);
      expect(WindowsPath.safeParse(glob).success).toBe(false);
    },
  );

  test("splits into its folder and its last part", () => {
    expect(splitPath(WindowsPath.parse(`${DRIVERS}\\a.sys`))).toEqual({ folder: DRIVERS, name: "a.sys" });
    expect(splitPath(WindowsGlob.parse("C:\\*.sys"))).toEqual({ folder: "C:\\", name: "*.sys" });
  });
});

describe("isUnder", () => {
  test.each([
    ["C:\\Windows\\a.sys", "C:\\Windows", true],
    ["c:\\WINDOWS\\a\\b.sys", "C:\\Windows", true],
    ["C:\\Windows\\a.sys", "C:\\Windows\\", true],
    ["C:\\a.sys", "C:\\", true],
    ["C:\\JÖRG\\a.sys", "C:\\Jörg", true],
    ["C:\\WindowsUpdate\\a.sys", "C:\\Windows", false],
    ["C:\\Windows", "C:\\Windows", false],
    ["D:\\Windows\\a.sys", "C:\\Windows", false],
    ["C:\\CrowdStri\u212ae\\a.sys", "C:\\CrowdStrike", false], // the Kelvin sign: lower case k, yet another folder
    ["C:\\W\u0131ndows\\a.sys", "C:\\Windows", false], // dotless i: upper case I, yet another folder
  ])("%s under %s: %s", (path, root, expected) => expect(isUnder(path, root)).toBe(expected));
});

describe("nameMatches", () => {
  /** The rule itself, by recursion. */
  function naive(pattern: string, name: string): boolean {
    if (pattern === "") return name === "";
    const [first] = pattern;
    const rest = pattern.slice(1);
    if (first === "*") return naive(rest, name) || (name !== "" && naive(pattern, name.slice(1)));
    return name !== "" && (first === "?" || first === name[0]) && naive(rest, name.slice(1));
  }

  test("agrees with the rule applied by recursion", () => {
    const pattern = fc.string({ unit: fc.constantFrom("a", "b", "*", "?", "."), maxLength: 8 });
    const name = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 10 });
    fc.assert(
      fc.property(pattern, name, (p, n) => nameMatches(p, n) === naive(p, n)),
      { numRuns: 3_000 },
    );
  });

  test.each([
    ["C-00000291*.sys", "c-00000291-00000000-00000032.SYS", true],
    ["C-00000291*.sys", "C-00000292-00000000-00000032.sys", false],
    ["*.sys", "a.sys.bak", false],
    ["*.*", "noextension", false], // unlike cmd.exe: what is written is what is meant
    ["?", "", false],
    ["", "", true],
    ["*", "", true],
    ["Ö?", "öx", true],
    ["k", "\u212a", false],
    ["[a-z].sys", "b.sys", false],
    ["a.sys", "aXsys", false],
  ])("%j for %j: %s", (pattern, name, expected) => expect(nameMatches(pattern, name)).toBe(expected));

  test("a pattern made to be slow is answered", () => {
    // A matcher that tries every star again for every letter would need 10^60 steps here.
    expect(nameMatches(`${"*a".repeat(120)}*b`, "a".repeat(255))).toBe(false);
    expect(nameMatches(`${"*".repeat(250)}b`, "a".repeat(255))).toBe(false);
    expect(nameMatches(`${"*a?".repeat(80)}*`, "a".repeat(255))).toBe(true);
  });
});
