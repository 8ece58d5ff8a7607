import fc from "fast-check";
import { expect, test } from "vitest";
import { percent, shareRoundedDown, shareRoundedUp } from "../../controller/rollout/shares.ts";

test.each([
  [0.1, 30, 3, 3],
  [0.29, 100, 29, 29],
  [0.07, 100, 7, 7],
  [0.5, 3, 1, 2],
  [0, 10, 0, 0],
  [1, 10, 10, 10],
  [0.99, 0, 0, 0],
])("%f of %i is at most %i and at least %i", (share, total, down, up) => {
  expect(shareRoundedDown(share, total)).toBe(down);
  expect(shareRoundedUp(share, total)).toBe(up);
});

test("shares are rounded as whole thousandths would be", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000 }), fc.integer({ min: 1, max: 10_000_000 }), (thousandths, total) => {
      expect(shareRoundedDown(thousandths / 1_000, total)).toBe(Math.floor((thousandths * total) / 1_000));
      expect(shareRoundedUp(thousandths / 1_000, total)).toBe(Math.ceil((thousandths * total) / 1_000));
    }),
  );
});

test("a share is shown as whole only when it is", () => {
  expect([0, 0.0001, 2 / 3, 0.9999, 1].map(percent)).toEqual(["0 %", "0.1 %", "66.7 %", "99.9 %", "100 %"]);
});
