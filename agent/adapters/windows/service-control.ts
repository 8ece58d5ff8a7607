/**
 * Stops and starts services, and waits until Windows says that they stand still or run.
 *
 * What needs a service is stopped before it and started after it. Nothing is stopped before it is known that everything
 * that would have to stop lets itself be stopped and can be started again; where one hangs all the same, what was stopped is
 * started again. Who was killed in between names what else ran, as Windows does not know it any more.
 */
import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
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
import { noSuchService, serviceFault, unexpected } from "./service-faults.ts";

const OK: Result<void> = { kind: "ok", value: undefined };
const NEEDED = MAY.queryConfig | MAY.queryStatus | MAY.dependents | MAY.start | MAY.stop;
const DISABLED = 4;
/** A service seldom takes less than some tens of milliseconds. */
const POLL_MS = 100;
/** For what was stopped and has to come back although the time is over. */
const BACK_WITHIN_MS = 60_000;

/** A service with what belongs to one restart of it. */
class Restarted implements Disposable {
  readonly name: string;
  private readonly service: OpenService;

  constructor(name: string, service: OpenService) {
    this.name = name;
    this.service = service;
  }

  [Symbol.dispose](): void {
    this.service.close();
  }

  /** Names of those that run and need it, the one to stop first at the front. */
  dependents(): readonly string[] | Fault {
    return this.service.activeDependents() ?? serviceFault(this.service.error, `ask what needs ${this.name}`);
  }

  /** @param again whether it must be possible to start it afterwards */
  whyNotStopped(again: boolean): Fault | undefined {
    const status = this.service.status();
    if (status === undefined) return serviceFault(this.service.error, `ask for the state of ${this.name}`);
    if (again && this.service.startKind() === DISABLED)
      return unexpected(`${this.name} is disabled and could not be started again, so nothing was stopped`);
    if (status.state === STATE.stopped || (status.accepts & ACCEPTS_STOP) !== 0) return undefined;
    const because = `${this.name} does not let itself be stopped, so nothing was stopped`;
    return { kind: "fault", fault: "permission-denied", because };
  }

  async stop(until: number): Promise<Result<void>> {
    if (this.service.status()?.state === STATE.stopped) return OK;
    const error = this.service.stop();
    if (error !== 0 && error !== SERVICE_ERROR.notActive) return serviceFault(error, `stop ${this.name}`);
    const stopped = await this.settle(until, "stop", ({ state }) => state === STATE.stopped);
    return "kind" in stopped ? stopped : OK;
  }

  async start(until: number): Promise<Result<void>> {
    const error = this.service.start();
    if (error !== 0 && error !== SERVICE_ERROR.alreadyRunning) return serviceFault(error, `start ${this.name}`);
    const started = await this.settle(until, "start", isAtRest);
    if ("kind" in started) return started;
    if (started.state === STATE.running) return OK;
    return {
      kind: "fault",
      fault: "verify-failed",
      because: `${this.name} was started and does not run: it is ${wordOf(started)} and ended with ${started.exitCode}`,
    };
  }

  async settle(
    until: number,
    what: string,
    isDone: (status: ServiceStatus) => boolean,
  ): Promise<ServiceStatus | Fault> {
    for (;;) {
      const status = this.service.status();
      if (status === undefined) return serviceFault(this.service.error, `ask for the state of ${this.name}`);
      if (isDone(status)) return status;
      if (performance.now() >= until) {
        const because = `${this.name} did not ${what} in time: it is still ${wordOf(status)}, and may do so later`;
        return { kind: "fault", fault: "timed-out", because };
      }
      await wait(POLL_MS);
    }
  }
}

const isAtRest = ({ state }: ServiceStatus): boolean => state !== STATE.startPending && state !== STATE.stopPending;

const WORDS = ["in no state", "stopped", "starting", "stopping", "running", "resuming", "pausing", "paused"];
const wordOf = ({ state }: ServiceStatus): string => WORDS[state] ?? `in state ${state}`;

export const windowsServiceControl: Services = {
  async dependents(name) {
    const service = open(name);
    if ("kind" in service) return service.fault === "not-found" ? { kind: "ok", value: [] } : service;
    using opened = service;
    const names = opened.dependents();
    return "kind" in names ? names : { kind: "ok", value: names };
  },

  async restart(name, others, withinMs) {
    const until = performance.now() + withinMs;
    using all = new DisposableStack();
    const stopping = await stopList(name, until, all, true);
    if ("kind" in stopping) return stopping;
    const left: Restarted[] = [];
    for (const other of others.filter((each) => !stopping.some((one) => isNamed(one, each)))) {
      const opened = open(other);
      if ("kind" in opened) return opened;
      left.push(all.use(opened));
    }
    const stopped = await stopAll(stopping, until);
    return stopped.kind === "fault" ? stopped : await startAll([...left, ...stopping], until);
  },
};

const isNamed = (service: Restarted, name: string): boolean => service.name.toLowerCase() === name.toLowerCase();

/** Stops a service and what needs it, for longer. */
export async function stopService(name: string, withinMs: number): Promise<Result<void>> {
  const until = performance.now() + withinMs;
  using all = new DisposableStack();
  const stopping = await stopList(name, until, all, false);
  return "kind" in stopping ? stopping : await stopAll(stopping, until);
}

/** Starts one that stands still. */
export async function startService(name: string, withinMs: number): Promise<Result<void>> {
  const service = open(name);
  if ("kind" in service) return service;
  using opened = service;
  return await opened.start(performance.now() + withinMs);
}

/** The service last, and before it what needs it, in the order in which they are to stop. */
async function stopList(
  name: string,
  until: number,
  all: DisposableStack,
  again: boolean,
): Promise<readonly Restarted[] | Fault> {
  const service = open(name);
  if ("kind" in service) return service;
  all.use(service);
  const settled = await service.settle(until, "come to rest", isAtRest);
  if ("kind" in settled) return settled;
  const names = settled.state === STATE.stopped ? [] : service.dependents();
  if ("kind" in names) return names;
  const list: Restarted[] = [];
  for (const dependent of names) {
    const opened = open(dependent);
    if ("kind" in opened) return opened;
    list.push(all.use(opened));
  }
  list.push(service);
  for (const each of list) {
    const why = each.whyNotStopped(again);
    if (why !== undefined) return why;
  }
  return list;
}

function open(name: string): Restarted | Fault {
  const opened = openService(name, NEEDED);
  if (opened === SERVICE_ERROR.noSuchService) return noSuchService(name);
  return typeof opened === "number" ? serviceFault(opened, `open ${name}`) : new Restarted(name, opened);
}

async function stopAll(list: readonly Restarted[], until: number): Promise<Result<void>> {
  for (const [i, service] of list.entries()) {
    const stopped = await service.stop(until);
    if (stopped.kind === "ok") continue;
    await startAll(list.slice(0, i), performance.now() + BACK_WITHIN_MS);
    return stopped;
  }
  return OK;
}

/** In the order opposite to stopping. All are tried; the first that does not run is told. */
async function startAll(list: readonly Restarted[], until: number): Promise<Result<void>> {
  let failed: Result<void> = OK;
  for (const service of list.toReversed()) {
    const started = await service.start(until);
    if (failed.kind === "ok") failed = started;
  }
  return failed;
}
