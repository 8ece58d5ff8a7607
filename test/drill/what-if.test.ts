/** What a proposal shows of its strategies: answers of the real engine, the same for the same question. */
import { describe, expect, test } from "vitest";
import { carefulStrategy, onceStrategy, stagedStrategy } from "../../controller/drill/strategies.ts";
import { type WhatIfDevice, whatIf } from "../../controller/drill/what-if.ts";

const REACH = ["online", "moments", "guardian", "visit"] as const;

/** Machines that are all down, as many of each way to reach them. */
const machines = (count: number, reach: readonly WhatIfDevice["reach"][] = REACH): WhatIfDevice[] =>
  Array.from({ length: count }, (_, n) => ({
    site: `Practice ${n % 7}`,
    role: "workstation",
    reach: reach[(n * 31) % reach.length] ?? "online",
    isDown: true,
  }));

describe("what if", () => {
  test("one wave at once is quicker than stages, and stages are quicker than many careful ones", () => {
    const strategies = [onceStrategy(400), stagedStrategy(400), carefulStrategy(400)];
    const [once, staged, careful] = whatIf({ devices: machines(400, ["online", "moments"]), strategies, seed: 3 });
    expect(once?.ninety).toBeLessThan(staged?.ninety ?? 0);
    expect(staged?.ninety).toBeLessThan(careful?.ninety ?? 0);
    for (const answer of [once, staged, careful]) expect(answer?.curve.at(-1)?.recovered).toBeGreaterThan(0.98);
  });

  test("machines that need somebody wait for technicians, and more technicians are quicker", () => {
    const answered = (technicians: number) =>
      whatIf({
        devices: machines(300),
        strategies: [stagedStrategy(300)],
        seed: 3,
        staff: { technicians, each: "fleet", minutesAMachine: 20, hours: null, onTheirWayMinutes: 30 },
      })[0];
    const [few, many] = [answered(2), answered(20)];
    expect(many?.ninety).toBeLessThan(few?.ninety ?? 0);
    expect(few?.because).toContain("after somebody went there");
  });

  test("the same question gives the same answer, also where a sample is taken", () => {
    const question = { devices: machines(20_000), strategies: [stagedStrategy(20_000)], seed: 9 };
    const first = whatIf(question);
    expect(whatIf(question)).toEqual(first);
    expect(first[0]?.because).toContain("A sample of");
    expect(whatIf({ ...question, seed: 10 })).not.toEqual(first);
  });

  test("without machines there is nothing to bring back", () => {
    expect(whatIf({ devices: [], strategies: [stagedStrategy(1)], seed: 1 })[0]).toMatchObject({
      curve: [],
      half: null,
    });
  });
});
