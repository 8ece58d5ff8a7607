/** What the service control manager's refusals mean, in words. */
import type { Fault } from "../../ports.ts";
import { SERVICE_ERROR } from "./native/service-manager.ts";

export const unexpected = (because: string): Fault => ({ kind: "fault", fault: "unexpected", because });

export const noSuchService = (name: string): Fault => ({
  kind: "fault",
  fault: "not-found",
  because: `there is no service ${name} on this machine`,
});

/** @param what as "stop WinDefend" */
export function serviceFault(error: number, what: string): Fault {
  if (error === SERVICE_ERROR.denied)
    return {
      kind: "fault",
      fault: "permission-denied",
      because: `could not ${what}: Windows denies it (error 5). Its maker may protect it, or a policy forbids it.`,
    };
  return unexpected(`could not ${what}: Windows answered with error ${error}`);
}
