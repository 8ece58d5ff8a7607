/** Whom the judge of the verdict believes: kernels, and nobody else. */
import { expect, test } from "vitest";
import type { Evidence } from "./judge.ts";
import { judgeVerdict } from "./judge-verdict.ts";

const disk = { files: new Map<string, string>(), quarantined: new Map<string, number>() };
const got = (...contents: readonly (readonly [sha256: string, faulty: boolean])[]): Evidence => ({
  name: "NGH-WS-01",
  before: disk,
  after: disk,
  state: "running",
  facts: contents.map(([sha256, faulty]) => ({ at: 1, kind: "arrived", path: "C/x.sys", sha256, faulty })),
});
const machines = [got(["good", false], ["faulty", true]), got(["good", false])];

test("the version that kernels died of, and that one alone", () => {
  expect(judgeVerdict(machines, ["faulty"])).toEqual([]);
});
test.each([
  [[], ["faulty kills machines and was not convicted"]],
  [["good", "faulty"], ["good was convicted, and no kernel has died of it"]],
  [["good"], ["good was convicted, and no kernel has died of it", "faulty kills machines and was not convicted"]],
])("%j is not right", (convicted, findings) => {
  expect(judgeVerdict(machines, convicted)).toEqual(findings);
});
