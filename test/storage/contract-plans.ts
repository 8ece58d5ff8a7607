/** Groups and plans. */
import { describe, expect, test } from "vitest";
import { ContentSourceId } from "../../protocol/content.ts";
import { GroupName, Site } from "../../protocol/names.ts";
import { later } from "../../protocol/time.ts";
import { NOON } from "../support/fleet-builders.ts";
import { anEnvelope, aPlanRow, planId, SOURCE } from "../support/record-builders.ts";
import { countOf, type Given } from "./given.ts";

const TILLS = GroupName.parse("tills");

const approval = (by: string, generation: number) => ({
  envelope: anEnvelope(`approved by ${by}`),
  generation,
  at: later(NOON, generation),
  by,
});

export const plansContract = (given: Given): void => {
  describe("groups", () => {
    test("a group is what it was last set to, until it is deleted", async () => {
      await given.one.putGroup({ name: TILLS, selector: { all: true } });
      const tills = { name: TILLS, selector: { sites: [Site.parse("Ward 1")] } };
      await given.other.putGroup(tills);
      expect(await given.one.groups()).toEqual([tills]);
      expect(await given.one.deleteGroup(TILLS)).toBe(true);
      expect(await given.other.deleteGroup(TILLS)).toBe(false);
      expect(await given.other.groups()).toEqual([]);
    });
  });

  describe("plans", () => {
    test("a plan comes back as it was made; the newest come first", async () => {
      for (const n of [1, 2, 3]) await given.alternate(n).addPlan(aPlanRow(n));
      expect(await given.one.plan(planId(2))).toEqual(aPlanRow(2));
      expect(await given.other.plans(2)).toEqual([aPlanRow(3), aPlanRow(2)]);
      expect(await given.one.plan(planId(9))).toBeUndefined();
    });

    test("a plan is approved once; a second approval changes nothing", async () => {
      await given.one.addPlan(aPlanRow(1));
      expect(await given.one.approvePlan(planId(1), approval("Ada", 1))).toBe(true);
      expect(await given.other.approvePlan(planId(1), approval("Bob", 2))).toBe(false);
      const { envelope, generation, at, by } = approval("Ada", 1);
      expect(await given.other.plan(planId(1))).toEqual(
        aPlanRow(1, { envelope, generation, approvedAt: at, approvedBy: by }),
      );
    });

    test("of many approvals at once exactly one counts", async () => {
      await given.one.addPlan(aPlanRow(1));
      const names = Array.from({ length: 10 }, (_, i) => `Approver ${i}`);
      const answers = await Promise.all(
        names.map((by, i) => given.alternate(i).approvePlan(planId(1), approval(by, i + 1))),
      );
      expect(countOf(answers, true)).toBe(1);
      expect((await given.one.plan(planId(1)))?.approvedBy).toBe(names[answers.indexOf(true)]);
    });

    test("approving what is not there is an error", async () => {
      await expect(given.one.approvePlan(planId(1), approval("Ada", 1))).rejects.toThrow(/no plan/);
    });

    test("generations of a source are given once each, over two stores", async () => {
      const given50 = await Promise.all(
        Array.from({ length: 50 }, (_, i) => given.alternate(i).nextGeneration(SOURCE)),
      );
      expect(given50.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
      expect(await given.one.nextGeneration(ContentSourceId.parse("acme.channel-8"))).toBe(1);
    });
  });
};
