/** Every phase against every event: what it leads to, and that nothing else leads anywhere. */
import { describe, expect, test } from "vitest";
import { phaseOf } from "../../controller/rollout/engine.ts";
import { type RolloutEvent, RolloutPhase } from "../../protocol/rollout.ts";
import { later } from "../../protocol/time.ts";
import { NOON } from "../support/fleet-builders.ts";
import { aRollout, HOUR, PERSON, RolloutDriver } from "../support/rollout-driver.ts";

type Kind = "paused" | "resumed" | "halted" | "aborted" | "completed";
const KINDS: readonly Kind[] = ["paused", "resumed", "halted", "aborted", "completed"];
const because = "a person said so";

const event = (kind: Kind): RolloutEvent =>
  kind === "completed" ? { kind, at: NOON, because } : { kind, at: NOON, by: PERSON, because };

const WAY: Record<RolloutPhase, readonly Kind[]> = {
  running: [],
  paused: ["paused"],
  halted: ["halted"],
  aborted: ["aborted"],
  completed: ["completed"],
};

/** Where each event leads; "-" where it is not legal and the phase stands. */
const TABLE: Record<RolloutPhase, Record<Kind, RolloutPhase | "-">> = {
  running: { paused: "paused", resumed: "-", halted: "halted", aborted: "aborted", completed: "completed" },
  paused: { paused: "-", resumed: "running", halted: "halted", aborted: "aborted", completed: "-" },
  halted: { paused: "-", resumed: "running", halted: "-", aborted: "aborted", completed: "-" },
  aborted: { paused: "-", resumed: "-", halted: "-", aborted: "-", completed: "-" },
  completed: { paused: "paused", resumed: "-", halted: "halted", aborted: "aborted", completed: "-" },
};

const cases = RolloutPhase.options.flatMap((phase) => KINDS.map((kind) => ({ phase, kind, to: TABLE[phase][kind] })));

describe("phases", () => {
  test.each(cases)("$phase, then $kind: $to", ({ phase, kind, to }) => {
    const rollout = new RolloutDriver(aRollout());
    for (const step of WAY[phase]) rollout.event(event(step));
    rollout.event(event(kind));
    expect(phaseOf(rollout.state)).toBe(to === "-" ? phase : to);
  });

  test.each(RolloutPhase.options)("%s: a wave opens and a gate settles without a change of phase", (phase) => {
    const rollout = new RolloutDriver(aRollout());
    for (const step of WAY[phase]) rollout.event(event(step));
    rollout.event({ kind: "wave-opened", at: NOON, wave: 0, deadline: later(NOON, HOUR) });
    expect(phaseOf(rollout.state)).toBe(phase);
  });

  test("an event that is not legal changes no reason either: a halt is still told with its own words", () => {
    const rollout = new RolloutDriver(aRollout());
    rollout.act("halted", "two tills went dark");
    rollout.act("paused", "lunch");
    expect(rollout.decide().because).toContain("two tills went dark");
  });
});
