/**
 * Lets the next start alone be in safe mode, if a later step has something to do there: a healthy machine is never
 * restarted for nothing. That the machine leaves it again, whatever becomes of the order, is the runner's business.
 */
import { isSafe } from "../../core/safe-mode.ts";
import { fault, OK, type StepPerformer } from "./step.ts";

export const setSafeMode: StepPerformer<"set-safe-mode"> = {
  async check({ mode }, { machine, mode: now, memo, lookAhead }) {
    const isMine = memo.kind === "changed";
    if (isSafe(now) && isMine) return { kind: "satisfied", files: [] };
    if (now !== "normal")
      return fault(
        "unexpected",
        "this machine is not in normal mode, and not because of this plan; nothing was changed",
      );
    const next = await machine.safeModes.next();
    if (next.kind === "fault") return next;
    if (next.value === mode && isMine) return { kind: "satisfied", files: [] };
    const ahead = await lookAhead(mode);
    if (ahead.kind !== "work") return ahead;
    const forbidden = await machine.safeModes.forbiddenBecause();
    if (forbidden !== undefined)
      return fault("permission-denied", `this machine is never put into safe mode: ${forbidden}`);
    return { kind: "work", memo: { kind: "changed" } };
  },

  async apply({ mode }, { safeMode }) {
    const set = await safeMode.setOnce(mode);
    return set.kind === "fault" ? set : { kind: "applied" };
  },

  async verify({ mode }, { machine }) {
    const next = await machine.safeModes.next();
    if (next.kind === "fault") return next;
    return next.value === mode
      ? { kind: "ok", value: [] }
      : fault(
          "verify-failed",
          "the next start is not in safe mode after it was set: something forbids it, or sets it back",
        );
  },

  /** Leaving safe mode itself, where the machine is in it, comes at the end of the order. */
  async undo(_step, { safeMode, memo }) {
    return memo.kind === "changed" ? safeMode.clear() : OK;
  },
};
