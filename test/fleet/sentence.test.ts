import { expect, test } from "vitest";
import { describeFleet, type FleetSummary } from "../../controller/fleet/sentence.ts";

const NOBODY = { healthy: 0, starting: 0, "boot-loop": 0, silent: 0, away: 0, unknown: 0 };
const aSummary = (over: Partial<FleetSummary> = {}): FleetSummary => ({
  devices: 10,
  conditions: { ...NOBODY, healthy: 10 },
  pending: 0,
  cloned: 0,
  faulty: [],
  rollouts: [],
  ...over,
});

test("ends as a sentence does, whatever the rollout says", () => {
  const rollouts = [{ title: "7-2", phase: "running", because: "Wave 1 of 2: none answered." }] as const;
  expect(describeFleet(aSummary({ rollouts }))).toBe(
    'All 10 machines are healthy; rollback "7-2": Wave 1 of 2: none answered.',
  );
});

test("names the rollout that needs a person before a newer one that runs, and says that there are more", () => {
  const rollouts = [
    { title: "new", phase: "running", because: "goes." },
    { title: "old", phase: "halted", because: "Halted: too many failed." },
    { title: "over", phase: "completed", because: "done." },
  ] as const;
  expect(describeFleet(aSummary({ rollouts }))).toContain('rollback "old" (and 1 more under way): Halted');
});

test("calls a machine that restarts neither switched off nor asleep alone", () => {
  const conditions = { ...NOBODY, healthy: 9, away: 1 };
  expect(describeFleet(aSummary({ conditions }))).toContain("1 away on purpose (switched off, asleep or restarting)");
});

test("says who waits to be accepted, and who counts nowhere because two machines share an identity", () => {
  expect(describeFleet(aSummary({ pending: 2, cloned: 1 }))).toBe(
    "All 10 machines are healthy; 2 machines wait to be accepted and count nowhere; 1 identity is used by two machines at once.",
  );
  expect(describeFleet(aSummary({ devices: 0, pending: 1 }))).toBe(
    "No device counts yet; 1 machine waits to be accepted and counts nowhere.",
  );
});
