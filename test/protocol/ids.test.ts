import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DeviceId, newId, OrderId } from "../../protocol/ids.ts";
import { at, Instant } from "../../protocol/time.ts";

const NOON = at("2026-11-22T12:00:00Z");
const ZEROS = new Uint8Array(10);
const instants = fc.integer({ min: 0, max: 2 ** 48 - 1 }).map((ms) => Instant.parse(ms));
const randoms = fc.uint8Array({ minLength: 10, maxLength: 10 });

describe("newId", () => {
  test("makes an id of its own kind, which parses", () => {
    const id = newId("dev", NOON, ZEROS);
    expect(DeviceId.parse(id)).toBe(id);
    expect(id).toMatch(/^dev_[0-9a-hjkmnp-tv-z]{26}$/);
  });

  test("ids sort by the time they were made, whatever the dice say", () => {
    fc.assert(
      fc.property(instants, instants, randoms, randoms, (a, b, diceA, diceB) => {
        fc.pre(a < b);
        return newId("order", a, diceA) < newId("order", b, diceB);
      }),
    );
  });

  test("all 80 random bits count, and no more are read", () => {
    fc.assert(
      fc.property(randoms, fc.integer({ min: 0, max: 79 }), (dice, bit) => {
        const other = Uint8Array.from(dice);
        const index = bit >> 3;
        other[index] = (other[index] ?? 0) ^ (1 << (bit & 7));
        expect(newId("dev", NOON, other)).not.toBe(newId("dev", NOON, dice));
      }),
    );
    expect(newId("dev", NOON, Uint8Array.of(...ZEROS, 1, 2, 3))).toBe(newId("dev", NOON, ZEROS));
  });

  test("the dice never reach the time: the first ten characters are the same within a millisecond", () => {
    fc.assert(
      fc.property(randoms, (dice) => newId("dev", NOON, dice).slice(4, 13) === newId("dev", NOON, ZEROS).slice(4, 13)),
    );
  });

  test("refuses to make an id of too little randomness", () => {
    expect(() => newId("dev", NOON, new Uint8Array(9))).toThrow(RangeError);
  });
});

describe("parsing", () => {
  const body = newId("dev", NOON, ZEROS).slice(4);
  test.each([
    ["another kind", `order_${body}`],
    ["no prefix", body],
    ["upper case", `dev_${body.toUpperCase()}`],
    ["a letter that is not in the alphabet", `dev_${body.slice(0, 25)}u`],
    ["a look-alike letter (Cyrillic а)", `dev_${body.slice(0, 25)}\u0430`],
    ["a full-width digit", `dev_${body.slice(0, 25)}\uff10`],
    ["more than 128 bits", `dev_8${body.slice(1)}`],
    ["too short", `dev_${body.slice(0, 25)}`],
    ["too long", `dev_${body}0`],
    ["a line after it", `dev_${body}\n`],
    ["a line before it", `\ndev_${body}`],
    ["a space", ` dev_${body}`],
    ["a path", `../dev_${body}`],
    ["a hyphen for the underscore", `dev-${body}`],
    ["nothing", ""],
    ["a number", 7],
    ["an array that prints as one", [`dev_${body}`]],
  ])("refuses %s", (_, value) => {
    expect(DeviceId.safeParse(value).success).toBe(false);
  });

  test("an id of one kind is never taken for another", () => {
    expect(OrderId.safeParse(newId("dev", NOON, ZEROS)).success).toBe(false);
  });
});
