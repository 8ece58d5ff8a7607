import { expect, test } from "vitest";
import { winterOffsetMinutes } from "../../../../agent/adapters/windows/machine-facts.ts";

test.each([
  ["Berlin", -60, -120, 60],
  ["New York", 300, 240, -300],
  ["Sydney, whose summer is in January", -660, -600, 600],
  ["Kolkata, without summer time", -330, -330, 330],
  ["Reykjavik", 0, 0, 0],
])("the zone of %s is the same in summer and winter", (_place, january, july, expected) => {
  expect(winterOffsetMinutes((month) => (month === 0 ? january : july))).toBe(expected);
});
