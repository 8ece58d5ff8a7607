/** How services and drivers start, and which run, through the service control manager. What was set is looked at again. */
import type { ServiceState } from "../../../protocol/boot.ts";
import type { ServiceStart } from "../../../protocol/playbook.ts";
import type { Fault, Result } from "../../ports.ts";
import { flushKey, STATUS } from "./native/registry.ts";
import { MAY, type OpenService, openService, SERVICE_ERROR, STATE } from "./native/service-manager.ts";
import { isFault, registryFault, withKey } from "./registry-keys.ts";
import { noSuchService, serviceFault, unexpected } from "./service-faults.ts";

const OK: Result<void> = { kind: "ok", value: undefined };

/** SERVICE_BOOT_START to SERVICE_DISABLED. One that starts automatically after a while starts automatically. */
const STARTS = ["boot", "system", "automatic", "manual", "disabled"] as const satisfies readonly ServiceStart[];

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
  return value === undefined
    ? unexpected(`${name} starts in a way that is not known: ${start}`)
    : { kind: "ok", value };
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
  if (now.value === start) return putOnDisk(name);
  return {
    kind: "fault",
    fault: "verify-failed",
    because: `${name} starts "${now.value ?? "not at all"}" after "${start}" was set: something else sets it too`,
  };
}

/** Windows itself takes some seconds, and a power cut in between would bring the old way back, with nobody to notice. */
function putOnDisk(name: string): Result<void> {
  const flushed = withKey(`HKLM\\SYSTEM\\CurrentControlSet\\Services\\${name}`, "read", flushKey);
  if (isFault(flushed)) return flushed;
  return flushed === STATUS.ok ? OK : registryFault(flushed ?? STATUS.notFound, `put on the disk how ${name} starts`);
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
