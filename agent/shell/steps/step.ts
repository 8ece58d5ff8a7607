/**
 * What every kind of step can do. A kind is one file; the runner knows nothing of any of them.
 *
 * `check` only looks. `apply` may be called again after a crash. `verify` looks whether the effect is there: what a
 * tool or an adapter said is not believed. `undo` puts back what this order did, and only that.
 */
import type { BootId } from "../../../protocol/boot.ts";
import type { ContentSourceId } from "../../../protocol/content.ts";
import type { PlanId } from "../../../protocol/ids.ts";
import type { StepKind, StepOf } from "../../../protocol/playbook.ts";
import type { FileEffect } from "../../../protocol/progress.ts";
import type { Memo } from "../../core/journal-records.ts";
import type { BootMode, SafeMode } from "../../core/safe-mode.ts";
import type { SafeModeGuard } from "../safe-mode-guard.ts";
import type { Clock, Fault, Machine, Result } from "../../ports.ts";

/** Sources that are held by an order, apart from those that one person holds for some hours. */
export interface OrderedHolds {
  isHeld(source: ContentSourceId): boolean;
  hold(source: ContentSourceId): Promise<Result<void>>;
  release(source: ContentSourceId): Promise<Result<void>>;
}

/** Is there anything to do in safe mode? */
export type LookAhead =
  | { readonly kind: "work" }
  | { readonly kind: "nothing-to-do"; readonly because: string }
  | Fault;

export interface StepContext {
  readonly machine: Machine;
  readonly clock: Clock;
  readonly holds: OrderedHolds;
  readonly safeMode: Pick<SafeModeGuard, "setOnce" | "clear" | "ensureNormal">;
  readonly planId: PlanId;
  /** Of this step of this order alone: what it keeps in the agent's own folder is called so. */
  readonly name: string;
  readonly bootId: BootId;
  readonly mode: BootMode;
  /** What was remembered with the promises of this step so far. */
  readonly memo: Memo;
  /** The boot in which the last change of this plan was recorded; undefined if it changed nothing here yet. */
  readonly changedIn: BootId | undefined;
  /** The mode into which this restart is to lead, where a step before it has set one. */
  readonly leadsTo: SafeMode | undefined;
  /** This order has set safe mode, and a restart at this step would lead to another mode than the machine is in. */
  readonly isInWrongMode: boolean;
  /** What the steps after this one would find to do in that mode. Only looks. */
  readonly lookAhead: (mode: SafeMode) => Promise<LookAhead>;
  /** A later step of the plan restarts the machine. */
  readonly restartFollows: boolean;
  /** Nothing is known against it, or drivers of the boot read this source's contents: a move at the next start is too late. */
  readonly isReadByBootDrivers: boolean;
  /** Why older contents of this plan's source are not to be put back; undefined if they may be. */
  readonly notRestorableBecause: string | undefined;
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
  /** It turned out that there is nothing for it here, and nothing was changed. */
  | { readonly kind: "nothing-to-do"; readonly because: string }
  | Fault;

export interface StepPerformer<K extends StepKind> {
  check(step: StepOf<K>, context: StepContext): Promise<Check>;
  apply(step: StepOf<K>, context: StepContext): Promise<Applied>;
  verify(step: StepOf<K>, context: StepContext): Promise<Result<readonly FileEffect[]>>;
  undo(step: StepOf<K>, context: StepContext): Promise<Result<void>>;
  /** Looks, when the machine has restarted, whether what was left to that restart has happened. Left out: nothing is. */
  afterRestart?(step: StepOf<K>, context: StepContext): Promise<Result<void>>;
}

export const OK: Result<void> = { kind: "ok", value: undefined };
export const fault = (name: Fault["fault"], because: string): Fault => ({ kind: "fault", fault: name, because });
