/** Lets a source that an order holds get new contents again. Who holds it for some hours by himself goes on holding it. */
import { fault, OK, type StepPerformer } from "./step.ts";

export const releaseContent: StepPerformer<"release-content"> = {
  async check({ source }, { holds, memo }) {
    if (holds.isHeld(source)) return { kind: "work", memo: { kind: "changed" } };
    return memo.kind === "changed"
      ? { kind: "satisfied", files: [] }
      : { kind: "nothing-to-do", because: `no order holds ${source} here` };
  },

  async apply({ source }, { holds }) {
    const released = await holds.release(source);
    return released.kind === "fault" ? released : { kind: "applied" };
  },

  async verify({ source }, { holds }) {
    return holds.isHeld(source)
      ? fault("verify-failed", `${source} is still held after it was released`)
      : { kind: "ok", value: [] };
  },

  async undo({ source }, { holds, memo }) {
    return memo.kind === "changed" ? holds.hold(source) : OK;
  },
};
