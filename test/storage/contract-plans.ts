/** Groups and plans. */
import { describe, expect, test } from "vitest";
import type { Approval } from "../../controller/store/signing.ts";
import { digestOf } from "../../protocol/canonical.ts";
import { ContentSourceId } from "../../protocol/content.ts";
import { KeyId } from "../../protocol/dsse.ts";
import { GroupName, Site } from "../../protocol/names.ts";
import { later } from "../../protocol/time.ts";
import { NOON } from "../support/fleet-builders.ts";
import {
  anEnvelope,
  aPlanRow,
  aRolloutRow,
  aStatement,
  planId,
  SOURCE,
  statementDigest,
} from "../support/record-builders.ts";
import { countOf, type Given } from "./given.ts";

const TILLS = GroupName.parse("tills");

const approval = (by: string, n: number) => ({
  statement: statementDigest(1),
  envelope: anEnvelope(`approved by ${by}`),
  at: later(NOON, n),
  by,
});
const signature = (by: string, n = 1): Approval => ({
  keyId: KeyId.parse(digestOf(by)),
  person: by,
  sig: "AAAA",
  at: later(NOON, n),
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

    test("a plan is approved under the statement that it has, until it is started", async () => {
      await given.one.addPlan(aPlanRow(1));
      expect(await given.one.approvePlan(planId(1), approval("Ada", 1))).toBe(true);
      const { envelope, at, by } = approval("Ada", 1);
      expect(await given.other.plan(planId(1))).toEqual(aPlanRow(1, { envelope, approvedAt: at, approvedBy: by }));
      const another = { ...approval("Bob", 2), statement: statementDigest(2) };
      expect(await given.other.approvePlan(planId(1), another)).toBe(false);
      const by2 = { kind: "person", name: "Ada" } as const;
      await given.one.createRollout(aRolloutRow(1), [], { kind: "started", at: NOON, by: by2 }, statementDigest(1));
      expect(await given.other.approvePlan(planId(1), approval("Bob", 2))).toBe(false);
    });

    test("signatures under a statement are kept once each, over two stores", async () => {
      await given.one.addPlan(aPlanRow(1));
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, i) =>
          given
            .alternate(i)
            .addApproval(planId(1), statementDigest(1), signature(i % 2 === 0 ? "ada" : "bob", 1 + (i % 2))),
        ),
      );
      expect(countOf(answers, "added")).toBe(2);
      expect(countOf(answers, "had")).toBe(8);
      expect((await given.one.plan(planId(1)))?.approvals).toEqual([signature("ada", 1), signature("bob", 2)]);
    });

    test("another text of a plan makes its approvals void, and takes none that were made for the old one", async () => {
      await given.one.addPlan(aPlanRow(1));
      await given.one.addApproval(planId(1), statementDigest(1), signature("ada"));
      await given.one.approvePlan(planId(1), approval("Ada", 1));
      const text = { ...aPlanRow(1), statement: aStatement(2), generation: 2 };
      expect(await given.other.replacePlan(text)).toBe(true);
      expect(await given.one.plan(planId(1))).toEqual(aPlanRow(1, { statement: aStatement(2), generation: 2 }));
      expect(await given.one.addApproval(planId(1), statementDigest(1), signature("bob"))).toBe("changed");
      expect(await given.one.addApproval(planId(1), statementDigest(2), signature("ada"))).toBe("added");
    });

    test("what was started is not changed any more", async () => {
      await given.one.addPlan(aPlanRow(1));
      const by = { kind: "person", name: "Ada" } as const;
      await given.one.createRollout(aRolloutRow(1), [], { kind: "started", at: NOON, by }, statementDigest(1));
      expect(await given.other.replacePlan({ ...aPlanRow(1), statement: aStatement(2) })).toBe(false);
    });

    test("generations of a source are given once each, over two stores", async () => {
      const given50 = await Promise.all(
        Array.from({ length: 50 }, (_, i) => given.alternate(i).nextGeneration(SOURCE, 1)),
      );
      expect(given50.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
      expect(await given.one.nextGeneration(ContentSourceId.parse("acme.channel-8"), 1)).toBe(1);
      expect(await given.other.nextGeneration(SOURCE, 2)).toBe(1);
      expect(await given.one.nextGeneration(SOURCE, 1)).toBe(51);
    });
  });

  describe("trust", () => {
    test("each version of a trust document stands once, oldest first", async () => {
      expect(await given.one.addTrustDocument(1, anEnvelope("one"), NOON)).toBe(true);
      const twos = await Promise.all(
        Array.from({ length: 6 }, (_, i) => given.alternate(i).addTrustDocument(2, anEnvelope("two"), NOON)),
      );
      expect(countOf(twos, true)).toBe(1);
      expect(await given.other.trustDocuments()).toEqual([anEnvelope("one"), anEnvelope("two")]);
    });

    test("policies stand in the order in which they were published, whatever their versions", async () => {
      await given.one.addPolicy(9, anEnvelope("nine"), NOON);
      await given.other.addPolicy(1, anEnvelope("one"), NOON);
      expect(await given.one.policies()).toEqual([anEnvelope("nine"), anEnvelope("one")]);
    });
  });
};
