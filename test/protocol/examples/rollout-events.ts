/** One event of each kind, of a rollout that went through all of them. */
import { later } from "../../../protocol/time.ts";
import { because, MINUTE, minute, NOON } from "./cast.ts";

const person = { kind: "person", name: "Ada Byron" };

const counts = {
  planned: 1,
  waiting: 0,
  unreached: 0,
  offered: 0,
  queued: 0,
  running: 0,
  silent: 0,
  timedOut: 0,
  succeeded: 1,
  failed: 0,
  refused: 0,
  notApplicable: 0,
  stopped: 0,
};

const decision = {
  verdict: "proceed",
  rule: "passed",
  observed: 1,
  sample: 1,
  sampleMin: 1,
  deadline: later(NOON, 140 * MINUTE),
  heldSince: later(NOON, 40 * MINUTE),
  counts,
  because: "1 of 1 devices succeeded and it stayed so for 10 minutes",
};

export const rolloutEvent = {
  started: { kind: "started", at: minute(20), by: person },
  "wave-opened": { kind: "wave-opened", at: minute(20), wave: 0, deadline: minute(140) },
  "gate-decided": { kind: "gate-decided", at: minute(50), wave: 0, decision },
  paused: {
    kind: "paused",
    at: minute(51),
    by: { kind: "engine", rule: "deadline" },
    because: "no verdict within 120 minutes",
  },
  resumed: { kind: "resumed", at: minute(52), by: person, because: "the stragglers are laptops" },
  halted: { kind: "halted", at: minute(53), by: person, because },
  aborted: { kind: "aborted", at: minute(54), by: person, because },
  completed: { kind: "completed", at: minute(99), because: "the last gate has passed" },
};
