import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FileFault } from "../../../../agent/adapters/windows/file-fault.ts";
import { askedPath, isFinalPath } from "../../../../agent/adapters/windows/path-guard.ts";

const ASKED = askedPath("C:\\Program Files\\Acme\\a.sys");

describe("the path of the opened handle", () => {
  test.each([
    "\\\\?\\C:\\Program Files\\Acme\\a.sys",
    "\\\\?\\c:\\PROGRAM FILES\\acme\\A.SYS", // case is no difference to Windows
  ])("is the one asked for: %s", (final) => {
    expect(isFinalPath(final, ASKED)).toBe(true);
  });

  test.each([
    ["another drive: a substituted one", "\\\\?\\D:\\Program Files\\Acme\\a.sys"],
    ["deeper: a substituted drive", "\\\\?\\C:\\Sub\\Program Files\\Acme\\a.sys"],
    ["another folder: a junction", "\\\\?\\C:\\Program Files\\Elsewhere\\a.sys"],
    ["higher", "\\\\?\\C:\\Program Files\\a.sys"],
    ["a folder of it", "\\\\?\\C:\\Program Files\\Acme"],
    ["the long name behind a short one", "\\\\?\\C:\\Program Files\\Acme\\a long name.sys"],
    ["a share", "\\\\?\\UNC\\server\\share\\Program Files\\Acme\\a.sys"],
    ["a volume without a drive", "\\\\?\\Volume{26a21bda-a627-11d7-9931-806e6f6e6963}\\Program Files\\Acme\\a.sys"],
    ["a stream", "\\\\?\\C:\\Program Files\\Acme\\a.sys:b"],
    ["a Kelvin sign is no k", "\\\\?\\C:\\Program Files\\Acme\\a.sys\u212a"],
    ["nothing", ""],
    ["the path without its mark", "C:\\Program Files\\Acme\\a.sys"],
  ])("is another one: %s", (_, final) => {
    expect(isFinalPath(final, ASKED)).toBe(false);
  });

  test("is the root's for a root alone", () => {
    expect(isFinalPath("\\\\?\\C:\\", askedPath("c:\\"))).toBe(true);
    expect(isFinalPath("\\\\?\\C:\\Windows", askedPath("C:\\"))).toBe(false);
    expect(isFinalPath("\\\\?\\C:\\", ASKED)).toBe(false);
  });
});

test("what is asked is taken apart as it is, or refused with words", () => {
  expect(askedPath("C:\\Program Files\\Acme")).toEqual({ drive: "C:", parts: ["Program Files", "Acme"] });
  for (const path of ["C:", "C:/", "\\\\?\\C:\\", "C:\\a\\..\\b", "C:\\a.", "C:\\PROGRA~1", "C:\\a:b", "", "C:\\\\"])
    expect(() => askedPath(path)).toThrow(FileFault);
});

test("a path that was taken is the sum of its parts, none of which could be a step elsewhere", () => {
  const taken = (text: string) => {
    try {
      return askedPath(text).parts;
    } catch (error) {
      if (error instanceof FileFault) return undefined;
      throw error;
    }
  };
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", "\\", ".", " ", ":", "~", "1", "/", "\u0000") }), (tail) => {
      const parts = taken(`C:\\${tail}`) ?? ["refused"];
      expect(parts.filter((part) => /^\.{0,2}$|[\\/:]|[. ]$/.test(part))).toEqual([]);
      expect([tail, "refused"]).toContain(parts.join("\\"));
    }),
    { numRuns: 2_000 },
  );
});
