/**
 * Restarts the machine, unless it has restarted since the last change: a crash is as good as a restart here. Where it is
 * to lead into safe mode, or out of it, only a start in that mode counts.
 */
import type { StepOf } from "../../../protocol/playbook.ts";
import { type Check, fault, OK, type StepContext, type StepPerformer } from "./step.ts";

/** From the end of the notice until this process must be gone. Windows installs updates in between. */
const SHUTDOWN_MS = 15 * 60_000;
const REASON = "This computer restarts to finish a change ordered by its administrators.";

export const reboot: StepPerformer<"reboot"> = {
  async check(step, context) {
    return isThere(context) ? { kind: "satisfied", files: [] } : ask(step, context);
  },

  async apply({ noticeMs }, { machine, isInWrongMode, leadsTo, safeMode }) {
    if (isInWrongMode) {
      // Set again: a start of the machine's own may have used it up. Cleared again: it may not have worked.
      const set = await (leadsTo === undefined ? safeMode.ensureNormal() : safeMode.setOnce(leadsTo));
      if (set.kind === "fault") return set;
    }
    const asked = await machine.restart(noticeMs, REASON);
    return asked.kind === "fault" ? asked : { kind: "ending", withinMs: noticeMs + SHUTDOWN_MS };
  },

  async verify() {
    return fault("verify-failed", "a restart is verified by the next boot alone");
  },
  async undo() {
    return OK;
  },
};

function isThere({ bootId, changedIn, memo, leadsTo, isInWrongMode }: StepContext): boolean {
  if (isInWrongMode || leadsTo !== undefined) return !isInWrongMode;
  return (changedIn !== undefined && changedIn !== bootId) || (memo.kind === "boot" && memo.bootId !== bootId);
}

/** Whoever works at the machine may put it off, in all for as long as the plan allows. Nobody there: no waiting. */
async function ask({ deferMs = 0 }: StepOf<"reboot">, context: StepContext): Promise<Check> {
  const { machine, bootId, elapsedMs, pollEveryMs } = context;
  const work: Check = { kind: "work", memo: { kind: "boot", bootId } };
  const leftMs = deferMs - elapsedMs;
  if (leftMs <= 0) return work;
  const consent = await machine.people.restartConsent({ reason: REASON, answerWithinMs: leftMs });
  const isPutOff = consent === "asked" || consent === "later";
  return isPutOff ? { kind: "wait", againInMs: Math.max(1, Math.min(pollEveryMs, leftMs)) } : work;
}
