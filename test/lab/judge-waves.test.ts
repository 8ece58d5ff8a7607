import { describe, expect, test } from "vitest";
import type { Evidence } from "./judge.ts";
import {
  type ClaimedCounts,
  type ClaimedDecision,
  type GateTerms,
  judgeWaves,
  type WaveEvidence,
} from "./judge-waves.ts";
import type { KernelFact } from "./kernel-facts.ts";

const GATE: GateTerms = { successShareMin: 1, failureShareMax: 0, sampleMin: { count: 2 }, bakeMs: 4_000 };
const STARTED = 10_000;

/** A machine whose faulty file was moved at `touchedAt`, and which was up and well at `upAt`. */
function aMachine(name: string, touchedAt: number | undefined, upAt: number | undefined): Evidence {
  const facts: KernelFact[] = [{ at: 1_000, kind: "arrived", path: "p", sha256: "bad", faulty: true }];
  if (upAt !== undefined) facts.push({ at: upAt - 1_000, kind: "booted", boot: 3 }, { at: upAt, kind: "services-up" });
  const quarantined = new Map(touchedAt === undefined ? [] : [["bad", touchedAt]]);
  const disk = { files: new Map<string, string>(), quarantined };
  return { name, before: disk, after: disk, facts, state: "running" };
}
const aWave = (name: string, ...machines: Evidence[]): WaveEvidence => ({ name, gate: GATE, machines });
const COUNTS: ClaimedCounts = {
  planned: 2,
  succeeded: 2,
  failed: 0,
  refused: 0,
  timedOut: 0,
  silent: 0,
  notApplicable: 0,
};
const aDecision = (decision: Partial<ClaimedDecision> = {}): ClaimedDecision => ({
  wave: 0,
  at: 30_000,
  verdict: "proceed",
  observed: 1,
  sample: 2,
  sampleMin: 2,
  heldSince: 26_000,
  counts: COUNTS,
  ...decision,
});
const CANARY = aWave("canary", aMachine("a", 12_000, 20_000), aMachine("b", 12_500, 22_000));

describe("the order of waves", () => {
  test("a wave that begins after the gate let it, on machines that had recovered, is in order", () => {
    const rest = aWave("rest", aMachine("c", 31_000, 40_000), aMachine("d", undefined, undefined));
    expect(judgeWaves([CANARY, rest], [aDecision()], STARTED)).toEqual([]);
  });

  test("a wave whose machines were touched before the gate let it", () => {
    const rest = aWave("rest", aMachine("c", 29_000, 40_000));
    expect(judgeWaves([CANARY, rest], [aDecision()], STARTED)).toEqual([
      'wave "rest" was touched before the gate of "canary" let it proceed',
    ]);
  });

  test("a wave that was touched though no gate was ever decided", () => {
    const rest = aWave("rest", aMachine("c", 31_000, 40_000));
    expect(judgeWaves([CANARY, rest], [], STARTED)).toHaveLength(1);
  });

  test("a gate that says proceed though the kernels know better", () => {
    const canary = aWave("canary", aMachine("a", 12_000, 20_000), aMachine("b", 12_500, undefined));
    const rest = aWave("rest", aMachine("c", 31_000, 40_000));
    expect(judgeWaves([canary, rest], [aDecision()], STARTED)).toEqual([
      'wave "rest" was touched when 1 machines of "canary" had recovered for 4 s; 2 were needed',
    ]);
  });

  test("machines that had only just come up when the next wave was touched have not baked", () => {
    const canary = aWave("canary", aMachine("a", 12_000, 20_000), aMachine("b", 12_500, 28_000));
    const rest = aWave("rest", aMachine("c", 31_000, 40_000));
    expect(judgeWaves([canary, rest], [aDecision()], STARTED)).toHaveLength(1);
  });

  test("a wave that was never touched proves nothing against anyone", () => {
    expect(judgeWaves([CANARY, aWave("rest", aMachine("c", undefined, undefined))], [], STARTED)).toEqual([]);
  });
});

describe("the verdicts", () => {
  test.each<[string, Partial<ClaimedDecision>, boolean]>([
    ["proceeds on what it needs", {}, true],
    ["proceeds on nothing", { observed: null, sample: 0, heldSince: null, counts: { ...COUNTS, succeeded: 0 } }, false],
    ["proceeds on too small a sample", { sample: 1, counts: { ...COUNTS, succeeded: 1 } }, false],
    ["proceeds without bake time", { heldSince: 28_000 }, false],
    ["takes silence for success", { counts: { ...COUNTS, succeeded: 1, silent: 1 } }, false],
    [
      "stops on a failure",
      { verdict: "stop", observed: 0.5, heldSince: null, counts: { ...COUNTS, succeeded: 1, failed: 1 } },
      true,
    ],
    ["stops without reason", { verdict: "stop" }, false],
    ["waits for a sample", { verdict: "wait", sample: 1, heldSince: null, counts: { ...COUNTS, succeeded: 1 } }, true],
  ])("a gate that %s", (_, decision, isRight) => {
    expect(judgeWaves([CANARY], [aDecision(decision)], STARTED)).toHaveLength(isRight ? 0 : 1);
  });

  test("a wave to which nothing applies may pass, but not the first", () => {
    const counts = { ...COUNTS, succeeded: 0, notApplicable: 2 };
    const nothing = aDecision({ observed: null, sample: 0, heldSince: null, counts });
    expect(judgeWaves([CANARY], [nothing], STARTED)).toHaveLength(1);
    expect(judgeWaves([CANARY, aWave("rest")], [aDecision(), { ...nothing, wave: 1 }], STARTED)).toEqual([]);
  });
});
