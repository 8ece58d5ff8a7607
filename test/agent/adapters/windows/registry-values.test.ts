/** The bytes of the registry: what a step could not put back as it is, it does not take for a value. */
import { expect, test } from "vitest";
import { decodeValue, encodeValue } from "../../../../agent/adapters/windows/registry-values.ts";
import type { RegistryValue } from "../../../../protocol/registry.ts";

const VALUES: readonly (readonly [RegistryValue, number, string])[] = [
  [{ kind: "string", text: "A€" }, 1, "4100ac200000"],
  [{ kind: "string", text: "" }, 1, "0000"],
  [{ kind: "expand-string", text: "%A%" }, 2, "2500410025000000"],
  [{ kind: "binary", hex: "00ff" }, 3, "00ff"],
  [{ kind: "dword", number: 0xffff_fffe }, 4, "feffffff"],
  [{ kind: "multi-string", lines: ["A", "B"] }, 7, "41000000420000000000"],
  [{ kind: "multi-string", lines: [] }, 7, "0000"],
];

test.each(VALUES)("%j is of type %d, in bytes %s, and comes back", (value, type, hex) => {
  expect(encodeValue(value)).toEqual({ type, data: Buffer.from(hex, "hex") });
  expect(decodeValue({ type, data: Buffer.from(hex, "hex") })).toEqual(value);
});

test.each([
  ["of no type", 0, ""],
  ["a quadword", 11, "0102030405060708"],
  ["a link", 6, "41000000"],
  ["text without its end", 1, "41004200"],
  ["text without bytes", 1, ""],
  ["text with an end within", 1, "41000000420000"],
  ["text with a letter cut in half", 1, "410042"],
  ["text with half of a pair", 1, "00d80000"],
  ["text that a person cannot see", 1, "0b200000"],
  ["a list without its end", 7, "41000000"],
  ["a list with an empty line", 7, "4100000000004200000000000000"],
  ["a number of two bytes", 4, "0102"],
  ["too long", 3, "00".repeat(2_001)],
])("%s is no value", (_what, type, hex) => {
  expect(decodeValue({ type, data: Buffer.from(hex, "hex") })).toBeUndefined();
});
