/** Collects evidence for people into a folder of the agent's own, and changes nothing else. Collected again, it is newer. */
import { OK, type StepPerformer } from "./step.ts";

export const collectDiagnostics: StepPerformer<"collect-diagnostics"> = {
  async check() {
    return { kind: "work", memo: { kind: "nothing" } };
  },
  async apply({ parts }, { machine, name }) {
    const collected = await machine.diagnostics.collect(name, parts);
    return collected.kind === "fault" ? collected : { kind: "applied" };
  },
  async verify() {
    return { kind: "ok", value: [] };
  },
  async undo() {
    return OK;
  },
};
