/** Two incidents with one cause become one: what the one named goes on in the other. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { ControllerHarness } from "../support/controller-harness.ts";
import { aVersion } from "../support/fleet-builders.ts";

let harness: ControllerHarness;
beforeEach(async () => {
  harness = await ControllerHarness.open();
});
afterEach(() => harness.stop());

const declare = async (title: string, n: number) => {
  const { source, sha256 } = aVersion(n);
  const content = { source, sha256 };
  return (await harness.administration.declareIncident({ title, content, evidence: "Three." }, "anna")).id;
};

test("the versions of both stand in the one that goes on, and the other says where it went, also after a restart", async () => {
  const [first, second] = [await declare("Machines crash", 2), await declare("Tills crash", 3)];
  const request = { into: first, because: "One release, two files." };
  const merged = await harness.administration.mergeIncident(second, request, "anna");
  await harness.restart();
  const { administration } = harness;
  for (const view of [merged, await administration.incident(first)]) {
    expect(view.id).toBe(first);
    expect(new Set(view.versions.map(({ sha256 }) => sha256))).toEqual(
      new Set([aVersion(2).sha256, aVersion(3).sha256]),
    );
  }
  expect(await administration.incident(second)).toMatchObject({ state: "merged", mergedInto: first });
});

test("none is merged into itself, twice, or into one that was merged away", async () => {
  const [first, second] = [await declare("Machines crash", 2), await declare("Tills crash", 3)];
  const third = await declare("Kiosks crash", 4);
  const merge = (from: typeof first, into: typeof first) =>
    harness.administration.mergeIncident(from, { into, because: "One release." }, "anna");
  await expect(merge(first, first)).rejects.toMatchObject({ code: "invalid-request" });
  await merge(second, first);
  await expect(merge(second, first)).rejects.toMatchObject({ code: "wrong-state" });
  await expect(merge(third, second)).rejects.toMatchObject({ code: "wrong-state" });
  await expect(harness.administration.planIncident(second, {}, "anna")).rejects.toThrow(/where all goes on/);
  expect(await harness.administration.incident(third)).toMatchObject({ state: "open" });
});
