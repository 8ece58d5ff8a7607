/** Keeps a source from getting new contents until an order releases it. */
import { fault, OK, type StepPerformer } from "./step.ts";

export const holdContent: StepPerformer<"hold-content"> = {
  async check({ source }, { machine, holds, memo }) {
    const held = await machine.isHeld(source);
    if (held.kind === "fault") return held;
    if (!held.value || !holds.isHeld(source)) return { kind: "work", memo: { kind: "changed" } };
    return memo.kind === "changed"
      ? { kind: "satisfied", files: [] }
      : { kind: "nothing-to-do", because: `an order holds ${source} here already` };
  },

  async apply({ source }, { holds }) {
    const held = await holds.hold(source);
    return held.kind === "fault" ? held : { kind: "applied" };
  },

  async verify({ source }, { machine }) {
    const held = await machine.isHeld(source);
    if (held.kind === "fault") return held;
    return held.value
      ? { kind: "ok", value: [] }
      : fault("verify-failed", `${source} is not held after it was: something lets it go`);
  },

  async undo({ source }, { holds, memo }) {
    return memo.kind === "changed" ? holds.release(source) : OK;
  },
};
