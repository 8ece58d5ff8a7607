import fc from "fast-check";
import { expect, test } from "vitest";
import { HeldBack } from "../../controller/rollout/held-back.ts";

const SITES = 6;
const happening = fc.record({
  site: fc.nat({ max: SITES - 1 }),
  what: fc.constantFrom("comes", "comes", "leaves", "fills", "has room"),
});

test("what holds devices back is what a walk over all sites finds, whatever came and went", () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60, size: "max" }), (happenings) => {
      const held = new HeldBack(SITES);
      const sites = Array.from({ length: SITES }, (_, number) => ({ number, waiting: 0, isFull: false }));
      for (const { site: number, what } of happenings) {
        const site = sites[number];
        if (site === undefined) throw new Error("happenings are at the six sites");
        if (what === "leaves" && site.waiting === 0) continue;
        if (what === "fills" || what === "has room") held.setFull(number, (site.isFull = what === "fills"));
        else held.wait(number, what === "comes" ? 1 : -1);
        if (what === "comes" || what === "leaves") site.waiting += what === "comes" ? 1 : -1;

        const holding = sites
          .filter(({ isFull, waiting }) => isFull && waiting > 0)
          .sort((a, b) => b.waiting - a.waiting || a.number - b.number);
        expect(held.sites).toBe(holding.length);
        expect(held.devices).toBe(holding.reduce((sum, { waiting }) => sum + waiting, 0));
        expect(held.most(3)).toEqual(holding.slice(0, 3).map((one) => one.number));
        for (const one of sites) expect(held.waitingAt(one.number)).toBe(one.waiting);
      }
    }),
  );
});
