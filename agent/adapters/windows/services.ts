/** Services and drivers, through the service control manager. What was set or started is looked at afterwards. */
import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import type { ServiceState } from "../../../protocol/boot.ts";
import type { ServiceStart } from "../../../protocol/playbook.ts";
import type { Services } from "../../machine-parts.ts";
import type { Fault, Result } from "../../ports.ts";
import {
  ACCEPTS_STOP,
  MAY,
  type OpenService,
  openService,
  SERVICE_ERROR,
  type ServiceStatus,
  STATE,
} from "./native/service-manager.ts";

const OK: Result<void> = { kind: "ok", value: undefined };

/** SERVICE_BOOT_START to SERVICE_DISABLED. One that starts automatically after a while starts automatically. */
const STARTS = ["boot", "system", "automatic", "manual", "disabled"] as const satisfies readonly ServiceStart[];

/** A state is asked for again after so long; a service seldom takes less than some tens of milliseconds. */
const POLL_MS = 100;

/** What cannot be asked does not run, as far as anyone knows. */
export const serviceStates = (names: readonly string[]): readonly ServiceState[] =>
  names.map((name) => {
    const state = withService(name, MAY.queryStatus, (service) => service.status()?.state);
    return { name, running: state === STATE.running };
  });

/** Undefined: there is no such service or driver. */
export function serviceStart(name: string): Result<ServiceStart | undefined> {
  const start = withService(name, MAY.queryConfig, (service) => {
    const kind = service.startKind();
    return kind === undefined ? serviceFault(service.error, `ask how ${name} starts`) : kind;
  });
  if (start === undefined) return { kind: "ok", value: undefined };
  if (typeof start !== "number") return start;
  const value = STARTS[start];
  if (value !== undefined) return { kind: "ok", value };
  return { kind: "fault", fault: "unexpected", because: `${name} starts in a way that is not known: ${start}` };
}

export function setServiceStart(name: string, start: ServiceStart): Result<void> {
  const set = withService(name, MAY.changeConfig, (service) => {
    const error = service.setStartKind(STARTS.indexOf(start));
    if (error === SERVICE_ERROR.invalid)
      return unexpected(`${name} cannot start "${start}": only drivers start with the kernel`);
    return error === 0 ? OK : serviceFault(error, `set how ${name} starts`);
  });
  if (set === undefined) return noSuchService(name);
  if (set.kind === "fault") return set;
  const now = serviceStart(name);
  if (now.kind === "fault") return now;
  if (now.value === start) return OK;
  return {
    kind: "fault",
    fault: "verify-failed",
    because: `${name} starts "${now.value ?? "not at all"}" after "${start}" was set: something else sets it too`,
  };
}

export const windowsServices: Services = {
  async restart(name, withinMs) {
    const opened = openService(name, MAY.queryConfig | MAY.queryStatus | MAY.dependents | MAY.start | MAY.stop);
    if (opened === SERVICE_ERROR.noSuchService) return noSuchService(name);
    if (typeof opened === "number") return serviceFault(opened, `open ${name}`);
    try {
      return await restartOpen(opened, name, performance.now() + withinMs);
    } finally {
      opened.close();
    }
  },
};

/** Nothing is stopped that could not be started again, and nothing that others need. */
async function restartOpen(service: OpenService, name: string, until: number): Promise<Result<void>> {
  const settled = await settle(service, name, until, "come to rest", atRest);
  if ("kind" in settled) return settled;
  if (STARTS[service.startKind() ?? -1] === "disabled")
    return unexpected(`${name} is disabled and could not be started again, so it was not stopped`);
  if (settled.state !== STATE.stopped) {
    const stopped = await stop(service, name, settled, until);
    if (stopped.kind === "fault") return stopped;
  }
  const error = service.start();
  if (error !== 0 && error !== SERVICE_ERROR.alreadyRunning) return serviceFault(error, `start ${name}`);
  const started = await settle(service, name, until, "start", atRest);
  if ("kind" in started) return started;
  if (started.state === STATE.running) return OK;
  return {
    kind: "fault",
    fault: "verify-failed",
    because: `${name} was started and does not run: it is ${stateWord(started)} and ended with ${started.exitCode}`,
  };
}

async function stop(
  service: OpenService,
  name: string,
  { accepts }: ServiceStatus,
  until: number,
): Promise<Result<void>> {
  if ((accepts & ACCEPTS_STOP) === 0)
    return { kind: "fault", fault: "permission-denied", because: `${name} does not let itself be stopped` };
  const dependents = service.activeDependents();
  if (dependents === undefined) return serviceFault(service.error, `ask what needs ${name}`);
  if (dependents.length > 0)
    return unexpected(`${name} is needed by ${dependents.join(", ")}, which run: nothing was stopped`);
  const error = service.stop();
  if (error !== 0 && error !== SERVICE_ERROR.notActive) return serviceFault(error, `stop ${name}`);
  const stopped = await settle(service, name, until, "stop", ({ state }) => state === STATE.stopped);
  return "kind" in stopped ? stopped : OK;
}

const atRest = ({ state }: ServiceStatus): boolean => state !== STATE.startPending && state !== STATE.stopPending;

const STATE_WORDS = ["in no state", "stopped", "starting", "stopping", "running", "resuming", "pausing", "paused"];
const stateWord = ({ state }: ServiceStatus): string => STATE_WORDS[state] ?? `in state ${state}`;

async function settle(
  service: OpenService,
  name: string,
  until: number,
  what: string,
  isDone: (status: ServiceStatus) => boolean,
): Promise<ServiceStatus | Fault> {
  for (;;) {
    const status = service.status();
    if (status === undefined) return serviceFault(service.error, `ask for the state of ${name}`);
    if (isDone(status)) return status;
    if (performance.now() >= until)
      return {
        kind: "fault",
        fault: "timed-out",
        because: `${name} did not ${what} in time: it is still ${stateWord(status)}. It may do so later.`,
      };
    await wait(POLL_MS);
  }
}

/** Undefined: there is no such service. */
function withService<Value>(
  name: string,
  access: number,
  work: (service: OpenService) => Value | Fault,
): Value | Fault | undefined {
  const opened = openService(name, access);
  if (opened === SERVICE_ERROR.noSuchService) return undefined;
  if (typeof opened === "number") return serviceFault(opened, `open ${name}`);
  try {
    return work(opened);
  } finally {
    opened.close();
  }
}

const unexpected = (because: string): Fault => ({ kind: "fault", fault: "unexpected", because });

const noSuchService = (name: string): Fault => ({
  kind: "fault",
  fault: "not-found",
  because: `there is no service ${name} on this machine`,
});

function serviceFault(error: number, what: string): Fault {
  if (error === SERVICE_ERROR.denied)
    return {
      kind: "fault",
      fault: "permission-denied",
      because: `could not ${what}: Windows denies it (error 5). Its maker may protect it, or a policy forbids it.`,
    };
  return unexpected(`could not ${what}: Windows answered with error ${error}`);
}
