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
/** Beside a machine that has recovered, so that one of the two that are needed is missing if this one has not. */
const aCanaryWith = (machine: Evidence, gate: Partial<GateTerms> = {}): WaveEvidence => ({
  ...aWave("canary", aMachine("a", 12_000, 20_000), machine),
  gate: { ...GATE, ...gate },
});
/** Its last boot, as its kernel tells it; the faulty file was moved. */
const aMachineThat = (...boot: KernelFact[]): Evidence => {
  const machine = aMachine("b", 12_500, undefined);
  return { ...machine, facts: [...machine.facts, ...boot] };
};
const BOOTED: KernelFact = { at: 21_000, kind: "booted", boot: 3 };
const SERVICES_UP: KernelFact = { at: 22_000, kind: "services-up" };
const restartAsked = (at: number): KernelFact => ({ at, kind: "restart-asked", reason: "to load the driver anew" });
const REST = aWave("rest", aMachine("c", 31_000, 40_000));
const ONE_PROVEN = 'wave "rest" was touched when 1 machines of "canary" had recovered for 4 s; 2 were needed';
const TOO_EARLY = 'wave "rest" was touched before the gate of "canary" let it proceed';
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

  test("a wave of which one machine was touched before the gate let it, and the others after", () => {
    const rest = aWave("rest", aMachine("c", 31_000, 40_000), aMachine("d", 29_000, 40_000));
    expect(judgeWaves([CANARY, rest], [aDecision()], STARTED)).toEqual([TOO_EARLY]);
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

describe("what the kernels prove", () => {
  test("a boot that began in the rollout, without the faulty content, and lives", () => {
    expect(judgeWaves([aCanaryWith(aMachineThat(BOOTED, SERVICES_UP)), REST], [aDecision()], STARTED)).toEqual([]);
  });

  test.each<[string, KernelFact[]]>([
    [
      "a boot from before the rollout",
      [
        { at: 5_000, kind: "booted", boot: 2 },
        { at: 6_000, kind: "services-up" },
      ],
    ],
    ["a boot that crashed", [BOOTED, SERVICES_UP, { at: 27_000, kind: "crashed", code: 0x50, uptimeMs: 6_000 }]],
    ["a boot whose power was cut", [BOOTED, SERVICES_UP, { at: 27_000, kind: "power-cut" }]],
    ["a boot that ended in a restart", [BOOTED, SERVICES_UP, { at: 27_000, kind: "restarted" }]],
    [
      "a boot that loaded the faulty content",
      [BOOTED, { at: 21_500, kind: "loaded", name: "x", sha256: "bad", faulty: true }, SERVICES_UP],
    ],
    ["a boot whose services are not up", [BOOTED]],
  ])("%s proves nothing", (_, boot) => {
    expect(judgeWaves([aCanaryWith(aMachineThat(...boot)), REST], [aDecision()], STARTED)).toEqual([ONE_PROVEN]);
  });

  test("what happened to a machine after the next wave was touched takes nothing from what it had proven", () => {
    const crashedLater: KernelFact = { at: 32_000, kind: "crashed", code: 0x50, uptimeMs: 11_000 };
    const canary = aCanaryWith(aMachineThat(BOOTED, SERVICES_UP, crashedLater));
    expect(judgeWaves([canary, REST], [aDecision()], STARTED)).toEqual([]);
  });

  test("no more machines are needed than the gate's share of successes asks for", () => {
    const down = aMachine("b", 12_500, undefined);
    expect(judgeWaves([aCanaryWith(down, { successShareMin: 0.5 }), REST], [], STARTED)).toEqual([TOO_EARLY]);
    expect(judgeWaves([aCanaryWith(down, { successShareMin: 0.6 }), REST], [], STARTED)).toEqual([
      TOO_EARLY,
      ONE_PROVEN,
    ]);
  });
});

describe("what touches a machine", () => {
  const touched = (facts: KernelFact[], quarantined: [string, number][]): string[] => {
    const machine = aMachine("c", undefined, undefined);
    const after = { ...machine.after, quarantined: new Map(quarantined) };
    const rest = aWave("rest", { ...machine, facts: [...machine.facts, ...facts], after });
    return judgeWaves([CANARY, rest], [aDecision()], STARTED);
  };

  test.each<[string, KernelFact[], [string, number][]]>([
    ["a file that went into its quarantine", [], [["bad", 29_000]]],
    ["a restart that it was asked for", [restartAsked(29_000)], []],
    [
      "the first of several moves",
      [],
      [
        ["other", 31_000],
        ["bad", 29_000],
      ],
    ],
    ["a move before its restart", [restartAsked(31_000)], [["bad", 29_000]]],
    ["a restart before the move", [restartAsked(29_000)], [["bad", 31_000]]],
  ])("%s, too early", (_, facts, quarantined) => {
    expect(touched(facts, quarantined)).toEqual([TOO_EARLY]);
  });

  test.each<[string, KernelFact[], [string, number][]]>([
    ["a file that lay in its quarantine before the rollout", [], [["old", 9_000]]],
    ["a restart from before the rollout", [restartAsked(9_000)], []],
    ["a move that a slow clock stamps just before the gate", [], [["bad", 29_995]]],
  ])("not %s", (_, facts, quarantined) => {
    expect(touched(facts, quarantined)).toEqual([]);
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

  test("a gate that proceeds on too small a share of successes, though it forgives failures", () => {
    const counts = { ...COUNTS, succeeded: 1, failed: 1 };
    const half = aDecision({ observed: 0.5, counts });
    const forgiving = (successShareMin: number): WaveEvidence => ({
      ...CANARY,
      gate: { ...GATE, failureShareMax: 1, successShareMin },
    });
    expect(judgeWaves([forgiving(0.5)], [half], STARTED)).toEqual([]);
    expect(judgeWaves([forgiving(0.6)], [half], STARTED)).toHaveLength(1);
  });

  test("a gate of a wave that does not exist", () => {
    expect(judgeWaves([CANARY], [aDecision({ wave: 1 })], STARTED)).toEqual([
      "a gate was decided for wave 1, which does not exist",
    ]);
  });

  test("a wave to which nothing applies may pass, but not the first", () => {
    const counts = { ...COUNTS, succeeded: 0, notApplicable: 2 };
    const nothing = aDecision({ observed: null, sample: 0, heldSince: null, counts });
    expect(judgeWaves([CANARY], [nothing], STARTED)).toHaveLength(1);
    expect(judgeWaves([CANARY, aWave("rest")], [aDecision(), { ...nothing, wave: 1 }], STARTED)).toEqual([]);
  });
});
