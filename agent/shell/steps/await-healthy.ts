/** Waits until a boot after the last change is good. A crash meanwhile means waiting on, until the time is over. */
import { fault, OK, type StepContext, type StepPerformer } from "./step.ts";
import type { StepOf } from "../../../protocol/playbook.ts";

export const awaitHealthy: StepPerformer<"await-healthy"> = {
  async check(step, context) {
    const lacking = await whatLacks(step, context);
    if (lacking === undefined) return { kind: "satisfied", files: [] };
    if (context.elapsedMs >= step.withinMs)
      return fault("timed-out", `after ${context.elapsedMs} ms of up-time ${lacking.because}`);
    const leftMs = step.withinMs - context.elapsedMs;
    return { kind: "wait", againInMs: Math.max(1, Math.min(lacking.againInMs, leftMs)) };
  },

  async apply() {
    return { kind: "applied" };
  },
  async verify() {
    return { kind: "ok", value: [] };
  },
  async undo() {
    return OK;
  },
};

/** What is still missing for this boot to count, and when to look again. */
async function whatLacks(
  { services, settleMs }: StepOf<"await-healthy">,
  { machine, clock, bootId, changedIn, pollEveryMs }: StepContext,
): Promise<{ readonly because: string; readonly againInMs: number } | undefined> {
  if (changedIn === bootId)
    return { because: "the machine has not restarted since the last change", againInMs: pollEveryMs };
  const unsettledMs = settleMs - clock.uptimeMs();
  if (unsettledMs > 0) return { because: `it is not up for ${settleMs} ms yet`, againInMs: Math.ceil(unsettledMs) };
  const stopped = (await machine.services(services)).find(({ running }) => !running);
  return stopped === undefined ? undefined : { because: `${stopped.name} does not run`, againInMs: pollEveryMs };
}
