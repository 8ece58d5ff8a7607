/** What a drill says at its end. Each thing that is wrong must make it fail by itself, and be named. */
import { describe, expect, test } from "vitest";
import { aRolloutView, VIEW_COUNTS, VIEW_DECISION } from "../support/a-rollout-view.ts";
import { drillDocument, type Outcome } from "./document.ts";
import type { Judgement } from "./judge.ts";
import { startLabClock } from "./lab-clock.ts";

const CLOCK = startLabClock(10);
const JUDGEMENT: Judgement = {
  exposed: ["NGH-WS-01", "NGH-WS-02", "SBH-WS-01"],
  crashed: ["NGH-WS-01", "SBH-WS-01"],
  recovered: ["NGH-WS-01", "NGH-WS-02"],
  unreached: ["SBH-WS-01"],
  collateral: { healthyTouched: [], filesLost: [] },
  findings: [],
};
/** A drill in which everything went well: one machine had no network, and it alone is down. */
const anOutcome = (outcome: Partial<Outcome> = {}): Outcome => ({
  seed: 7,
  machines: 6,
  crowd: 0,
  oracle: ["SBH-WS-01"],
  judgement: JUDGEMENT,
  waveFaults: [],
  verdictFaults: [],
  detection: { title: "12 makes machines crash", convicted: ["acme.content-7 12"], sentence: "31 of 31 run it." },
  badFixFaults: undefined,
  rollout: aRolloutView(),
  approvals: [{ person: "ada", name: "Ada", with: "key file", digest: "7h2k", saw: ["Kind: rollback"] }],
  believed: ["NGH-WS-01", "NGH-WS-02"],
  moments: {
    pushed: 1_000,
    firstCrash: 2_000,
    incident: 3_050,
    verdict: 4_000,
    halted: null,
    canaryDone: 9_000,
    allReachable: 21_000,
  },
  problems: [],
  ...outcome,
});
const verdictOn = (outcome: Partial<Outcome>): string => drillDocument(anOutcome(outcome), CLOCK).verdict;

describe("the verdict", () => {
  test("passes a drill in which everything went well", () => {
    expect(verdictOn({})).toBe("passed");
  });

  test.each<[string, Partial<Outcome>, string]>([
    ["the drill did not come to its end", { problems: ["the drill was interrupted"] }, "the drill was interrupted"],
    [
      "no machine recovered, though none is down that could be reached",
      { judgement: { ...JUDGEMENT, recovered: [] } },
      "no machine recovered",
    ],
    [
      "a machine is down that could be reached",
      { judgement: { ...JUDGEMENT, unreached: ["NGH-WS-03", "SBH-WS-01"] } },
      "these could be reached and have not recovered: NGH-WS-03",
    ],
    [
      "a machine without network is not down",
      { oracle: ["EMH-WS-01", "SBH-WS-01"] },
      "these had no network, and yet are not down: EMH-WS-01",
    ],
    [
      "the controller believes in the recovery of a machine that is down",
      { believed: ["NGH-WS-01", "SBH-WS-01"] },
      "the controller believes that these recovered, and they have not: SBH-WS-01",
    ],
    [
      "the rollout was halted",
      { rollout: aRolloutView({ phase: "halted", because: "too many failed" }) },
      "the rollout ended halted: too many failed",
    ],
    [
      "the rollout was still running",
      { rollout: aRolloutView({ phase: "running", because: "the second wave is open" }) },
      "the rollout ended running: the second wave is open",
    ],
    [
      "something was touched",
      { judgement: { ...JUDGEMENT, findings: ["NGH-CL-01: C/Users/rota.csv changed"] } },
      "NGH-CL-01: C/Users/rota.csv changed",
    ],
    [
      "an innocent version was convicted",
      { verdictFaults: ["aaaa was convicted, and no kernel has died of it"] },
      "aaaa was convicted, and no kernel has died of it",
    ],
    [
      "a bad fix went beyond the canary",
      { badFixFaults: ['wave "the rest" was opened'] },
      'wave "the rest" was opened',
    ],
    [
      "a wave did not wait for its turn",
      { waveFaults: ['wave "rest" was touched too early'] },
      'wave "rest" was touched too early',
    ],
  ])("fails, and says why, when %s", (_, outcome, because) => {
    expect(verdictOn(outcome)).toBe(`failed: ${because}`);
  });

  test("gives every reason", () => {
    const judgement = { ...JUDGEMENT, recovered: [], findings: ["one file changed", "another is lost"] };
    expect(verdictOn({ judgement, problems: ["time is up"], waveFaults: ["too early", "too few"] })).toBe(
      "failed: time is up; no machine recovered; one file changed; another is lost; too early; too few",
    );
  });
});

test("a drill of a bad fix passes where nothing but the canary was touched, though nobody recovered", () => {
  const judgement = { ...JUDGEMENT, recovered: [], findings: ["a file of the canary was put away"] };
  const outcome = anOutcome({ badFixFaults: [], judgement, rollout: aRolloutView({ phase: "halted" }) });
  expect(drillDocument(outcome, CLOCK)).toMatchObject({ scenario: "bad-fix", verdict: "passed" });
});

describe("the numbers", () => {
  test("are the judge's, and those who are down are named", () => {
    const collateral = { healthyTouched: ["NGH-CL-01"], filesLost: ["NGH-CL-01: a", "NGH-CL-01: b"] };
    expect(drillDocument(anOutcome({ judgement: { ...JUDGEMENT, collateral } }), CLOCK)).toMatchObject({
      seed: 7,
      machines: 6,
      exposed: 3,
      crashed: 2,
      recovered: 2,
      unreached: ["SBH-WS-01"],
      collateral: { healthyTouched: 1, filesLost: 2 },
    });
  });

  test("of a wave hide no failure: refused and timed out count as failed, silence stays silence", () => {
    const counts = { ...VIEW_COUNTS, planned: 16, failed: 1, refused: 2, timedOut: 4, silent: 8, notApplicable: 3 };
    const [canary] = aRolloutView().waves;
    const rollout = aRolloutView({ waves: canary === undefined ? [] : [{ ...canary, counts }] });
    const { verdict, rule, observed, sample, deadline, because } = VIEW_DECISION;
    expect(drillDocument(anOutcome({ rollout }), CLOCK).waves).toEqual([
      {
        name: "canary",
        planned: 16,
        succeeded: 1,
        failed: 7,
        silent: 8,
        notApplicable: 3,
        gate: { verdict, rule, observed, sample, deadline, because },
      },
    ]);
  });

  test("of a drill without a rollout show no waves", () => {
    const { waves, verdict } = drillDocument(anOutcome({ rollout: undefined }), CLOCK);
    expect(waves).toEqual([]);
    expect(verdict).toContain("no rollout was ever seen");
  });
});

test("what the approvers saw and signed is told as it was", () => {
  expect(drillDocument(anOutcome(), CLOCK).approvals).toEqual(anOutcome().approvals);
});

describe("the times", () => {
  test("count from the faulty push, on both clocks; what did not happen has none", () => {
    expect(drillDocument(anOutcome(), CLOCK).secondsTo).toEqual({
      wall: { firstCrash: 1, incident: 2.1, verdict: 3, halted: null, canaryDone: 8, allReachable: 20 },
      lab: { firstCrash: 10, incident: 20.5, verdict: 30, halted: null, canaryDone: 80, allReachable: 200 },
    });
  });

  test("are not known without a push", () => {
    const moments = { ...anOutcome().moments, pushed: null };
    const { wall, lab } = drillDocument(anOutcome({ moments }), CLOCK).secondsTo;
    expect([...Object.values(wall), ...Object.values(lab)].every((seconds) => seconds === null)).toBe(true);
  });
});
