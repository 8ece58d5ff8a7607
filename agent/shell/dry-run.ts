/**
 * Looks what the steps of a question would do on this machine, one after the other, and does none of it.
 *
 * Each step's own `check` is asked, over a machine that can only be looked at. What an earlier step would have changed is
 * imagined as far as it matters: files that would be gone, a restart that would follow, safe mode that it would lead to.
 */
import type { BootId } from "../../protocol/boot.ts";
import type { CheckQuestion, CheckResult } from "../../protocol/check.ts";
import type { ContentSource } from "../../protocol/content-source.ts";
import type { PlanId } from "../../protocol/ids.ts";
import type { Step, StepOf } from "../../protocol/playbook.ts";
import { wouldWords } from "../core/would-words.ts";
import { forbiddenBecause } from "../core/protection.ts";
import { type BootMode, bootModeOf, type SafeMode } from "../core/safe-mode.ts";
import { sayable } from "../core/sayable.ts";
import { isPurpose, traitsOf } from "../core/step-traits.ts";
import type { Clock, FileFacts, Machine } from "../ports.ts";
import { lookOnly } from "./look-only-machine.ts";
import { notRestorableBecause } from "./step-context.ts";
import { performerOf } from "./steps/perform.ts";
import { type Check, fault, type LookAhead, type OrderedHolds, type StepContext } from "./steps/step.ts";

export interface DryRunPorts {
  readonly machine: Machine;
  readonly clock: Clock;
  readonly holds: Pick<OrderedHolds, "isHeld">;
  readonly sources: readonly ContentSource[];
  readonly bootId: BootId;
  readonly mode: BootMode;
  /** A plan that has never been here. */
  readonly planId: PlanId;
}

type Would = Pick<CheckResult, "would" | "because">;

export class DryRun {
  private readonly ports: DryRunPorts;
  private readonly steps: readonly Step[];
  private readonly source: ContentSource | undefined;
  private readonly machine: Machine;
  private readonly gone = new Set<string>();
  private mode: BootMode;
  /** Safe mode would be set for the next start. */
  private next: SafeMode | undefined;
  /** A step so far would change something that only a restart makes count. */
  private isChanged = false;

  constructor({ source, steps }: CheckQuestion, ports: DryRunPorts) {
    this.ports = ports;
    this.steps = steps;
    this.source = ports.sources.find(({ id }) => id === source);
    this.machine = lookOnly(ports.machine, ({ path, sha256 }: FileFacts) => this.gone.has(placeOf(path, sha256)));
    this.mode = ports.mode;
  }

  async look(index: number): Promise<CheckResult> {
    const step = this.steps[index];
    if (step === undefined) throw new RangeError(`the question has no step ${index}`);
    const { would, because } = await this.would(step, index);
    return { step: index, would, because: sayable(because, 500) };
  }

  private async would(step: Step, index: number): Promise<Would> {
    const { follows, isQuiet, changes } = traitsOf(step.kind);
    if (follows && !this.isChanged)
      return { would: "nothing", because: "no step before it would change anything here that needs it" };
    if (step.kind === "reboot") return this.restarts(step);
    if (step.kind === "await-healthy")
      return { would: "nothing", because: `it waits for a good start, up to ${Math.ceil(step.withinMs / 60_000)} min` };
    const checked = await performerOf(step.kind).check(step, this.context(index, this.mode));
    const forbidden = checked.kind === "work" ? this.forbidden(step, this.mode) : undefined;
    if (forbidden !== undefined) return { would: "fail", because: forbidden };
    if (checked.kind === "work" && changes) {
      if (step.kind === "set-safe-mode") this.next = step.mode;
      if (step.kind === "quarantine-file" && checked.memo.kind === "files")
        for (const { path, sha256 } of checked.memo.files) this.gone.add(placeOf(path, sha256));
      this.isChanged ||= !isQuiet;
    }
    return wordsOf(step, checked);
  }

  private restarts({ noticeMs }: StepOf<"reboot">): Would {
    this.mode = this.next === undefined ? "normal" : bootModeOf(this.next);
    const into = this.next === undefined ? "" : " into safe mode";
    this.next = undefined;
    const because = `the machine restarts${into}, after a notice of ${Math.ceil(noticeMs / 60_000)} min to whoever works at it`;
    return { would: "change", because };
  }

  private forbidden(step: Step, mode: BootMode): string | undefined {
    return isPurpose(step.kind) ? forbiddenBecause(this.source, step, mode) : undefined;
  }

  private context(index: number, mode: BootMode): StepContext {
    const { clock, holds, bootId, planId } = this.ports;
    const no = async () => fault("unexpected", "this is only a look: nothing is changed by it");
    return {
      machine: this.machine,
      clock,
      holds: { isHeld: (source) => holds.isHeld(source), hold: no, release: no },
      safeMode: { setOnce: no, clear: no, ensureNormal: no },
      planId,
      name: `${planId}-${index + 1}`,
      bootId,
      mode,
      memo: { kind: "nothing" },
      changedIn: this.isChanged ? bootId : undefined,
      leadsTo: undefined,
      isInWrongMode: false,
      lookAhead: (safe) => this.lookAhead(index, bootModeOf(safe)),
      restartFollows: this.steps.slice(index + 1).some(({ kind }) => kind === "reboot"),
      isReadByBootDrivers: this.source?.readBy !== "service",
      notRestorableBecause: notRestorableBecause(this.source),
      elapsedMs: 0,
      pollEveryMs: 1_000,
    };
  }

  /** What the steps between the two restarts would find to do in that mode. */
  private async lookAhead(index: number, mode: BootMode): Promise<LookAhead> {
    const wayIn = this.steps.findIndex(({ kind }, i) => i > index && kind === "reboot");
    const wayOut = this.steps.findIndex(({ kind }, i) => i > wayIn && kind === "reboot");
    const stay = wayIn < 0 ? [] : this.steps.slice(wayIn + 1, wayOut < 0 ? undefined : wayOut);
    let work = false;
    for (const [i, step] of stay.entries()) {
      if (!isPurpose(step.kind)) continue;
      const checked = await performerOf(step.kind).check(step, this.context(wayIn + 1 + i, mode));
      if (checked.kind === "fault" && !["permission-denied", "file-locked"].includes(checked.fault)) return checked;
      if (checked.kind !== "work" && checked.kind !== "fault") continue;
      const because = this.forbidden(step, mode);
      if (because !== undefined) return fault("permission-denied", because);
      work = true;
    }
    return work ? { kind: "work" } : { kind: "nothing-to-do", because: "no later step has anything to do here" };
  }
}

function wordsOf(step: Step, checked: Check): Would {
  switch (checked.kind) {
    case "work":
      return { would: traitsOf(step.kind).changes ? "change" : "nothing", because: wouldWords(step, checked.memo) };
    case "fault":
      return { would: "fail", because: checked.because };
    case "nothing-to-do":
      return { would: "nothing", because: checked.because };
    case "satisfied":
    case "wait":
      return { would: "nothing", because: "it is so already" };
  }
}

const placeOf = (path: string, sha256: string): string => `${path.toLowerCase()} ${sha256}`;
