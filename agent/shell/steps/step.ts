/**
 * What every kind of step can do. A kind is one file; the runner knows nothing of any of them.
 *
 * `check` only looks. `apply` may be called again after a crash. `verify` looks whether the effect is there: what a
 * tool or an adapter said is not believed. `undo` puts back what this order did, and only that.
 */
import type { BootId } from "../../../protocol/boot.ts";
import type { PlanId } from "../../../protocol/ids.ts";
import type { StepKind, StepOf } from "../../../protocol/playbook.ts";
import type { FileEffect } from "../../../protocol/progress.ts";
import type { Memo } from "../../core/journal-records.ts";
import type { Clock, Fault, Machine, Result } from "../../ports.ts";

export interface StepContext {
  readonly machine: Machine;
  readonly clock: Clock;
  readonly planId: PlanId;
  readonly bootId: BootId;
  /** What was remembered with the promises of this step so far. */
  readonly memo: Memo;
  /** The boot in which the last change of this plan was recorded; undefined if it changed nothing here yet. */
  readonly changedIn: BootId | undefined;
  /** How long this step has been under way, over all boots. */
  readonly elapsedMs: number;
  readonly pollEveryMs: number;
}

export type Check =
  /** Nothing for this step here. After a promise of ours it means the thing went away by itself. */
  | { readonly kind: "nothing-to-do"; readonly because: string }
  /** It is as the step wants it, by our doing. */
  | { readonly kind: "satisfied"; readonly files: readonly FileEffect[] }
  | { readonly kind: "wait"; readonly againInMs: number }
  | { readonly kind: "work"; readonly memo: Memo }
  | Fault;

type Applied =
  | { readonly kind: "applied" }
  /** The process will be ended from outside; if it is not, within this time, the step has failed. */
  | { readonly kind: "ending"; readonly withinMs: number }
  | Fault;

export interface StepPerformer<K extends StepKind> {
  check(step: StepOf<K>, context: StepContext): Promise<Check>;
  apply(step: StepOf<K>, context: StepContext): Promise<Applied>;
  verify(step: StepOf<K>, context: StepContext): Promise<Result<readonly FileEffect[]>>;
  undo(step: StepOf<K>, context: StepContext): Promise<Result<void>>;
}

export const OK: Result<void> = { kind: "ok", value: undefined };
export const fault = (name: Fault["fault"], because: string): Fault => ({ kind: "fault", fault: name, because });
