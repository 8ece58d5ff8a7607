/**
 * Stops a service and starts it again, with what needs it. Done twice it is restarted twice, which is why a crash does no
 * harm: what ran beforehand stands in the promise, and runs again afterwards.
 */
import { fault, OK, type StepContext, type StepPerformer } from "./step.ts";

export const restartService: StepPerformer<"restart-service"> = {
  async check({ service }, { machine }) {
    const start = await machine.serviceStart(service);
    if (start.kind === "fault") return start;
    if (start.value === undefined) return fault("not-found", `there is no service ${service} on this machine`);
    if (start.value === "disabled")
      return fault("unexpected", `${service} is disabled, so Windows does not start it; nothing was done to it`);
    const dependents = await machine.serviceControl.dependents(service);
    if (dependents.kind === "fault") return dependents;
    return { kind: "work", memo: { kind: "services", ran: [...dependents.value] } };
  },

  async apply({ service, withinMs }, context) {
    const restarted = await context.machine.serviceControl.restart(service, ranBefore(context), withinMs);
    return restarted.kind === "fault" ? restarted : { kind: "applied" };
  },

  async verify({ service }, context) {
    const states = await context.machine.services([service, ...ranBefore(context)]);
    const stopped = states.find(({ running }) => !running);
    return stopped === undefined
      ? { kind: "ok", value: [] }
      : fault("verify-failed", `${stopped.name} does not run after ${service} was restarted`);
  },
  async undo() {
    return OK;
  },
};

/** A process that died in the middle has left them stopped: Windows would not name them now. */
const ranBefore = ({ memo }: StepContext): readonly string[] => (memo.kind === "services" ? memo.ran : []);
