/**
 * Answers questions what steps would do here: one at a time, bounded in time, never beside an order, within the policy.
 *
 * Invariant: a question leaves nothing behind, on the machine or in the agent's records; and a controller that asks without
 * end keeps this device from its work for a tenth of the time at most.
 */
import type { CheckAnswer, CheckQuestion, CheckResult } from "../../protocol/check.ts";
import { newId } from "../../protocol/ids.ts";
import type { AgentConfig } from "../config.ts";
import { admitCheck, type CheckFacts } from "../core/admission-check.ts";
import { sayable } from "../core/sayable.ts";
import type { AgentPorts } from "../ports.ts";
import { DryRun } from "./dry-run.ts";
import type { RunPorts } from "./step-context.ts";

const LOOK_MS = 30_000;
/** After a look so many times as long as it took, and these bounds. */
const REST_TIMES = 9;
const REST_MS_MIN = 1_000;
const REST_MS_MAX = 60_000;

export interface CheckEvents {
  readonly belief: () => CheckFacts["belief"];
  readonly latest: () => CheckFacts["latest"];
  /** Why no question is answered now. */
  readonly refusal: () => Extract<CheckAnswer, { kind: "refused" }> | undefined;
}

export class CheckDesk {
  private readonly ports: Pick<AgentPorts, "clock" | "random" | "machine" | "log">;
  private readonly config: AgentConfig;
  private readonly run: RunPorts;
  private readonly events: CheckEvents;
  private isLooking = false;
  private restUntilMs = 0;

  constructor(ports: CheckDesk["ports"], config: AgentConfig, run: RunPorts, events: CheckEvents) {
    this.ports = ports;
    this.config = config;
    this.run = run;
    this.events = events;
  }

  async answer(question: CheckQuestion): Promise<CheckAnswer> {
    const { clock, machine } = this.ports;
    const { allowedRoots, allowedRegistryKeys } = this.config;
    const refused =
      this.events.refusal() ??
      admitCheck(question, {
        belief: this.events.belief(),
        latest: this.events.latest(),
        allowedSteps: new Set(this.config.allowedSteps),
        allowedRoots,
        allowedRegistryKeys,
        forbiddenRoots: machine.ownFolders,
      });
    if (refused !== undefined) return refused;
    if (this.isLooking || clock.uptimeMs() < this.restUntilMs)
      return busy("another check is under way here, or has just been; ask again in a minute");
    this.isLooking = true;
    const startedMs = clock.uptimeMs();
    const results: CheckResult[] = [];
    const looked = this.look(question, results).finally(() => {
      this.isLooking = false;
      const tookMs = clock.uptimeMs() - startedMs;
      this.restUntilMs = clock.uptimeMs() + Math.max(REST_MS_MIN, Math.min(REST_MS_MAX, REST_TIMES * tookMs));
    });
    const because = await this.within(looked);
    return { kind: "looked", results: question.steps.map((_, step) => results[step] ?? unseen(step, because)) };
  }

  /** Goes on after its time is over until the step that it is at has been looked at, and no further. */
  private async look(question: CheckQuestion, results: CheckResult[]): Promise<string> {
    const { clock, random } = this.ports;
    const { machine, holds, sources, bootId, safeMode } = this.run;
    const until = clock.uptimeMs() + LOOK_MS;
    const planId = newId("plan", clock.now(), random(10));
    const dryRun = new DryRun(question, { machine, clock, holds, sources, bootId, mode: safeMode.mode, planId });
    for (const step of question.steps.keys()) {
      if (clock.uptimeMs() >= until) return TOO_LONG;
      if (this.events.refusal() !== undefined) return "an order has begun here meanwhile; ask again when it has ended";
      try {
        results.push(await dryRun.look(step));
      } catch (error) {
        return sayable(`it could not be looked at: ${error instanceof Error ? error.message : String(error)}`, 500);
      }
    }
    return TOO_LONG;
  }

  private within(looked: Promise<string>): Promise<string> {
    return new Promise((resolve) => {
      const forget = this.ports.clock.after(LOOK_MS, () => resolve(TOO_LONG));
      void looked.then((because) => {
        forget();
        resolve(because);
      });
    });
  }
}

const TOO_LONG = `it could not be looked at within ${LOOK_MS / 1_000} s`;

export const busy = (because: string): Extract<CheckAnswer, { kind: "refused" }> => ({
  kind: "refused",
  rule: "busy",
  because,
});

const unseen = (step: number, because: string): CheckResult => ({ step, would: "fail", because });
