/** Sets how a service starts; effective from the next boot. The old way is remembered with the promise. */
import { fault, OK, type StepPerformer } from "./step.ts";

export const setServiceStart: StepPerformer<"set-service-start"> = {
  async check({ service, start }, { machine, memo }) {
    const now = await machine.serviceStart(service);
    if (now.kind === "fault") return now;
    if (now.value === undefined) return fault("not-found", `there is no service ${service} on this machine`);
    if (now.value !== start) return { kind: "work", memo: { kind: "service-start", was: now.value } };
    return memo.kind === "service-start"
      ? { kind: "satisfied", files: [] }
      : { kind: "nothing-to-do", because: `${service} already starts ${start}` };
  },

  async apply({ service, start }, { machine }) {
    const set = await machine.setServiceStart(service, start);
    return set.kind === "fault" ? set : { kind: "applied" };
  },

  async verify({ service, start }, { machine }) {
    const now = await machine.serviceStart(service);
    if (now.kind === "fault") return now;
    return now.value === start
      ? { kind: "ok", value: [] }
      : fault("verify-failed", `${service} starts ${now.value ?? "not at all"} although ${start} was set`);
  },

  async undo({ service }, { machine, memo }) {
    if (memo.kind !== "service-start") return OK;
    const now = await machine.serviceStart(service);
    if (now.kind === "fault") return now;
    return now.value === memo.was ? OK : machine.setServiceStart(service, memo.was);
  },
};
