import { describe, expect, test } from "vitest";
import { canonicalBytes, canonicalJson, digestOf, Sha256, sha256Hex } from "../../protocol/canonical.ts";

describe("canonicalJson", () => {
  test("gives RFC 8785's bytes for the example of section 3.2.2", () => {
    const value = {
      // oxlint-disable-next-line no-loss-of-precision -- the RFC's own input
      numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"/",
      literals: [null, true, false],
    };
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
    expect(Buffer.from(canonicalBytes(value)).toString("hex")).toBe(
      "7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e756d62657273223a5b3333333333333333332e33333333333333" +
        "2c31652b33302c342e352c302e3030322c31652d32375d2c22737472696e67223a22e282ac245c75303030665c6e4127425c225c5c5c5c5c22" +
        "2f227d",
    );
  });

  test("sorts keys by UTF-16 code units, as in section 3.2.3", () => {
    const value = {
      "\u20ac": "Euro Sign",
      "\r": "Carriage Return",
      "\ufb33": "Hebrew Letter Dalet With Dagesh",
      "1": "One",
      "\u{1f600}": "Emoji: Grinning Face",
      "\u0080": "Control",
      "\u00f6": "Latin Small Letter O With Diaeresis",
    };
    expect([...canonicalJson(value).matchAll(/"([^"]+)"[,}]/g)].map(([, text]) => text)).toEqual([
      "Carriage Return",
      "One",
      "Control",
      "Latin Small Letter O With Diaeresis",
      "Euro Sign",
      "Emoji: Grinning Face",
      "Hebrew Letter Dalet With Dagesh",
    ]);
  });

  test.each([
    [-0, "0"],
    [5e-324, "5e-324"],
    [1.7976931348623157e308, "1.7976931348623157e+308"],
    [9007199254740992, "9007199254740992"],
    [295147905179352830000, "295147905179352830000"],
    [9.999999999999997e22, "9.999999999999997e+22"],
    [1e23, "1e+23"],
    [999999999999999700000, "999999999999999700000"],
    [1e21, "1e+21"],
    [9.999999999999997e-7, "9.999999999999997e-7"],
    [0.000001, "0.000001"],
    [333333333.3333332, "333333333.3333332"],
    [-0.0000033333333333333333, "-0.0000033333333333333333"],
    [Number("1424953923781206.25"), "1424953923781206.2"], // halfway: to the even digit
  ])("writes the number %d as Appendix B does: %s", (number, text) => {
    expect(canonicalJson(number)).toBe(text);
  });

  test.each([
    ["not a number", Number.NaN],
    ["infinity", Number.POSITIVE_INFINITY],
    ["half a surrogate pair", "\ud83d"],
    ["half a surrogate pair as a key", { "\ude00": 1 }],
    ["nothing", undefined],
    ["a big integer", 10n],
  ])("refuses %s, which JSON cannot hold", (_, value) => {
    expect(() => canonicalJson(value)).toThrow(Error);
  });

  test("gives one digest for one value, however it was written down", () => {
    expect(digestOf(JSON.parse('{"b":[1.0,2e0],"a":"\\u0041"}'))).toBe(digestOf({ a: "A", b: [1, 2] }));
    expect(digestOf({ a: 1 })).not.toBe(digestOf({ a: "1" }));
  });

  test("digests are SHA-256 in lower-case hex", () => {
    expect(sha256Hex(new Uint8Array())).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect(sha256Hex(new TextEncoder().encode("abc"))).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
    for (const bad of ["", "AB".repeat(32), "0".repeat(63), "0".repeat(65), `${"0".repeat(64)}\n`]) {
      expect(Sha256.safeParse(bad).success).toBe(false);
    }
  });
});
