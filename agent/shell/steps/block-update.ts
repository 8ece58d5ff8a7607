/** Keeps Windows Update from offering an update again. */
import { fault, OK, type StepPerformer } from "./step.ts";

export const blockUpdate: StepPerformer<"block-update"> = {
  async check({ update }, { machine, memo }) {
    const blocked = await machine.updates.isBlocked(update);
    if (blocked.kind === "fault") return blocked;
    if (!blocked.value) return { kind: "work", memo: { kind: "changed" } };
    return memo.kind === "changed"
      ? { kind: "satisfied", files: [] }
      : { kind: "nothing-to-do", because: `${update} is blocked already` };
  },

  async apply({ update }, { machine }) {
    const blocked = await machine.updates.block(update);
    return blocked.kind === "fault" ? blocked : { kind: "applied" };
  },

  async verify({ update }, { machine }) {
    const blocked = await machine.updates.isBlocked(update);
    if (blocked.kind === "fault") return blocked;
    return blocked.value
      ? { kind: "ok", value: [] }
      : fault("verify-failed", `${update} is offered all the same after it was blocked`);
  },

  async undo({ update }, { machine, memo }) {
    if (memo.kind !== "changed") return OK;
    const blocked = await machine.updates.isBlocked(update);
    if (blocked.kind === "fault") return blocked;
    return blocked.value ? machine.updates.unblock(update) : OK;
  },
};
