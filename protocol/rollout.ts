/** The words of a running rollout that the engine, storage, the API and the console share. */
import { z } from "zod";
import { text } from "./names.ts";
import { Instant } from "./time.ts";

/**
 * What has become of a device in a rollout.
 *
 * `waiting`: not offered yet (shown as unreached while the device is not connected). `offered`: the order lies in its
 * mailbox. `queued`: behind another order of the same device. `silent`: took the order and was not heard since, never
 * the same as healthy. `stopped`: took the order and was told to stop; it stands at a safe point.
 */
export const DeviceStatus = z.enum([
  "waiting",
  "offered",
  "queued",
  "running",
  "silent",
  "timed-out",
  "succeeded",
  "failed",
  "refused",
  "not-applicable",
  "stopped",
]);
export type DeviceStatus = z.infer<typeof DeviceStatus>;

/** `halted`: no new step anywhere, orders withdrawn. `paused`: no new device, running ones finish. */
export const RolloutPhase = z.enum(["running", "paused", "halted", "aborted", "completed"]);
export type RolloutPhase = z.infer<typeof RolloutPhase>;

export const GateVerdict = z.enum(["proceed", "stop", "wait"]);
export type GateVerdict = z.infer<typeof GateVerdict>;

/** Which sentence of the gate decided. */
export const GateRule = z.enum([
  "not-open",
  "failure-share",
  "minimum-sample",
  "success-share",
  "bake-time",
  "deadline",
  "nothing-applicable",
  "passed",
]);
export type GateRule = z.infer<typeof GateRule>;

/** How many devices of a wave are where. `unreached` are those of `waiting` that are not connected. */
export const WaveCounts = z.strictObject({
  planned: z.int(),
  waiting: z.int(),
  unreached: z.int(),
  offered: z.int(),
  queued: z.int(),
  running: z.int(),
  silent: z.int(),
  timedOut: z.int(),
  succeeded: z.int(),
  failed: z.int(),
  refused: z.int(),
  notApplicable: z.int(),
  stopped: z.int(),
});
export type WaveCounts = z.infer<typeof WaveCounts>;

/**
 * One look at a gate, with everything needed to compute the verdict again.
 *
 * `observed` is the share of the sample that succeeded, null while there is no sample.
 */
export const GateDecision = z.strictObject({
  verdict: GateVerdict,
  rule: GateRule,
  observed: z.number().min(0).max(1).nullable(),
  sample: z.int().min(0),
  sampleMin: z.int().min(0),
  /** Null before the wave has opened. */
  deadline: Instant.nullable(),
  /** Since when the gate has held without a break; null while it does not. */
  heldSince: Instant.nullable(),
  counts: WaveCounts,
  because: z.string(),
});
export type GateDecision = z.infer<typeof GateDecision>;

/** Who did something: a person by name, or the engine by rule. */
export const Actor = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("person"), name: text(100) }),
  z.strictObject({ kind: z.literal("engine"), rule: text(60) }),
]);
export type Actor = z.infer<typeof Actor>;

/** Decisions of a rollout, in order; these are what is stored, and folding them gives its state. */
export const RolloutEvent = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("started"), at: Instant, by: Actor }),
  z.strictObject({ kind: z.literal("wave-opened"), at: Instant, wave: z.int(), deadline: Instant }),
  z.strictObject({ kind: z.literal("gate-decided"), at: Instant, wave: z.int(), decision: GateDecision }),
  z.strictObject({ kind: z.literal("paused"), at: Instant, by: Actor, because: text(1_000) }),
  /** Resuming accepts the failures so far and gives the open wave a new deadline. */
  z.strictObject({ kind: z.literal("resumed"), at: Instant, by: Actor, because: text(1_000) }),
  z.strictObject({ kind: z.literal("halted"), at: Instant, by: Actor, because: text(1_000) }),
  z.strictObject({ kind: z.literal("aborted"), at: Instant, by: Actor, because: text(1_000) }),
  z.strictObject({ kind: z.literal("completed"), at: Instant, because: text(1_000) }),
]);
export type RolloutEvent = z.infer<typeof RolloutEvent>;
