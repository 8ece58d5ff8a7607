import fc from "fast-check";
import { expect, test } from "vitest";
import { ContentIndex } from "../../controller/fleet/content-index.ts";
import { aVersion, NOON } from "../support/fleet-builders.ts";

test("devices with the same versions share a number, others never do, however sets come and go", () => {
  const steps = fc.array(fc.record({ device: fc.nat(5), versions: fc.shuffledSubarray([1, 2, 3]) }), { maxLength: 60 });
  fc.assert(
    fc.property(steps, (changes) => {
      const index = new ContentIndex();
      const held = new Map<number, { readonly number: number; readonly versions: readonly number[] }>();
      for (const { device, versions } of changes) {
        const before = held.get(device);
        held.set(device, {
          number: index.hold(versions.map(aVersion), false, NOON),
          versions: versions.toSorted((a, b) => a - b),
        });
        if (before !== undefined) index.release(before.number, false);
        const sets = Map.groupBy(held.values(), ({ number }) => number);
        expect(sets.size).toBe(new Set([...held.values()].map((one) => one.versions.join())).size);
        for (const holders of sets.values()) expect(new Set(holders.map((one) => one.versions.join())).size).toBe(1);
        for (const n of [1, 2, 3]) {
          const having = [...held.values()].filter((one) => one.versions.includes(n)).map(({ number }) => number);
          expect(index.setsWith(undefined, aVersion(n).sha256)).toEqual(new Set(having));
        }
      }
    }),
  );
});
