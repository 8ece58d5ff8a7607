/** Takes Microsoft Defender back to the definitions before those that a plan names. Others are left alone. */
import { fault, OK, type StepPerformer } from "./step.ts";

export const revertDefinitions: StepPerformer<"revert-definitions"> = {
  async check({ versions }, { machine, memo }) {
    const state = await machine.defender.state();
    if (state.kind === "fault") return state;
    const { definitions, tamperProtected } = state.value ?? {};
    if (definitions === undefined)
      return { kind: "nothing-to-do", because: "Microsoft Defender has no definitions on this machine" };
    if (!versions.includes(definitions))
      return memo.kind === "definitions"
        ? { kind: "satisfied", files: [] }
        : { kind: "nothing-to-do", because: `Microsoft Defender has definitions ${definitions}, which are not to go` };
    if (tamperProtected === true)
      return fault(
        "permission-denied",
        "tamper protection is on: Microsoft Defender does not let its definitions be taken back. Switch it off for this device where you manage it, or wait for Microsoft's next definitions",
      );
    return { kind: "work", memo: { kind: "definitions", was: definitions } };
  },

  async apply({ withinMs }, { machine }) {
    const reverted = await machine.defender.revertDefinitions(withinMs);
    return reverted.kind === "fault" ? reverted : { kind: "applied" };
  },

  async verify({ versions }, { machine }) {
    const state = await machine.defender.state();
    if (state.kind === "fault") return state;
    const definitions = state.value?.definitions;
    return definitions === undefined || versions.includes(definitions)
      ? fault("verify-failed", `Microsoft Defender has ${definitions ?? "no"} definitions after it was taken back`)
      : { kind: "ok", value: [] };
  },

  async undo(_step, { machine, memo }) {
    if (memo.kind !== "definitions") return OK;
    const state = await machine.defender.state();
    if (state.kind === "fault") return state;
    return state.value?.definitions === memo.was
      ? OK
      : fault(
          "not-found",
          `nothing on this machine keeps definitions ${memo.was}; Microsoft Defender fetches its newest`,
        );
  },
};
