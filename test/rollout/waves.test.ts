import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { assignWaves } from "../../controller/rollout/waves.ts";
import { Role, Site } from "../../protocol/names.ts";
import type { Selectable } from "../../protocol/selector.ts";
import type { Wave } from "../../protocol/strategy.ts";
import { device } from "../support/fleet-builders.ts";
import { aGate, ROLE, SITE } from "../support/rollout-driver.ts";

const CLINICAL = Role.parse("clinical");
/** Every third device is clinical. */
const fleet = (count: number): Selectable[] =>
  Array.from({ length: count }, (_, i) => ({
    id: device(i + 1),
    site: i % 2 === 0 ? SITE : Site.parse("South"),
    role: i % 3 === 2 ? CLINICAL : ROLE,
    isIn: () => false,
    runs: () => false,
    isSilentSince: () => false,
  }));
const waves = (...takes: Wave["take"][]): Wave[] =>
  takes.map((take, i) => ({ name: `wave-${i}`, take, gate: aGate() }));

function sizes(count: number, ...takes: Wave["take"][]) {
  const { waves: assigned, leftOver } = assignWaves(waves(...takes), fleet(count));
  return { waves: assigned.map(({ length }) => length), leftOver: leftOver.length };
}

describe("assigning devices to waves", () => {
  test("takes numbers in order, and what is left last", () => {
    const { waves: assigned, leftOver } = assignWaves(waves({ count: 2 }, { rest: true }), fleet(4));
    expect(assigned).toEqual([
      [device(1), device(2)],
      [device(3), device(4)],
    ]);
    expect(leftOver).toEqual([]);
  });

  test("takes per cent of all devices, at least one", () => {
    expect(sizes(50, { percent: 1 }, { percent: 9 }, { rest: true })).toEqual({ waves: [1, 4, 45], leftOver: 0 });
  });

  test("forgets nobody when the per cents make a hundred, whatever the number of devices", () => {
    expect(sizes(25, { percent: 10 }, { percent: 20 }, { percent: 70 })).toEqual({ waves: [2, 5, 18], leftOver: 0 });
    expect(sizes(7, { percent: 33.3 }, { percent: 33.3 }, { percent: 33.4 })).toEqual({
      waves: [2, 2, 3],
      leftOver: 0,
    });
  });

  test("takes by selector only what no wave before has taken", () => {
    const { waves: assigned } = assignWaves(
      waves({ count: 3 }, { selector: { roles: [CLINICAL] } }, { rest: true }),
      fleet(7),
    );
    expect(assigned[1]).toEqual([device(6)]);
    expect(assigned[2]).toEqual([device(4), device(5), device(7)]);
  });

  test("gives back whom no wave takes, so that the plan can be refused", () => {
    const { leftOver } = assignWaves(waves({ count: 1 }, { selector: { sites: [SITE] } }), fleet(4));
    expect(leftOver).toEqual([device(2), device(4)]);
  });

  test("leaves a wave empty when the ones before took everyone", () => {
    expect(sizes(2, { count: 5 }, { percent: 50 }, { rest: true })).toEqual({ waves: [2, 0, 0], leftOver: 0 });
  });

  test("puts every device into one wave or back, never into two", () => {
    const take: fc.Arbitrary<Wave["take"]> = fc.oneof(
      fc.record({ count: fc.integer({ min: 1, max: 5 }) }),
      fc.record({ percent: fc.integer({ min: 1, max: 1_000 }).map((tenths) => tenths / 10) }),
      fc.constant<Wave["take"]>({ selector: { roles: [CLINICAL] } }),
    );
    fc.assert(
      fc.property(fc.array(take, { minLength: 1, maxLength: 6 }), fc.nat({ max: 30 }), (takes, count) => {
        const { waves: assigned, leftOver } = assignWaves(waves(...takes), fleet(count));
        expect([...assigned.flat(), ...leftOver].sort()).toEqual(
          fleet(count)
            .map(({ id }) => id)
            .sort(),
        );
      }),
    );
  });
});
