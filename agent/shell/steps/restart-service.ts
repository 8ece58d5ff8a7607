/** Stops a service and starts it again. Done twice it is restarted twice, which is why a crash does no harm. */
import { fault, OK, type StepPerformer } from "./step.ts";

export const restartService: StepPerformer<"restart-service"> = {
  async check({ service }, { machine }) {
    const start = await machine.serviceStart(service);
    if (start.kind === "fault") return start;
    if (start.value === undefined) return fault("not-found", `there is no service ${service} on this machine`);
    if (start.value === "disabled")
      return fault("unexpected", `${service} is disabled, so Windows does not start it; nothing was done to it`);
    return { kind: "work", memo: { kind: "nothing" } };
  },

  async apply({ service, withinMs }, { machine }) {
    const restarted = await machine.serviceControl.restart(service, withinMs);
    return restarted.kind === "fault" ? restarted : { kind: "applied" };
  },

  async verify({ service }, { machine }) {
    const [state] = await machine.services([service]);
    return state?.running === true
      ? { kind: "ok", value: [] }
      : fault("verify-failed", `${service} does not run after it was restarted`);
  },
  async undo() {
    return OK;
  },
};
