/** The least that is a machine: boots are told, nothing is changed. */
import type { BootId } from "../../../protocol/boot.ts";
import type { Instant } from "../../../protocol/time.ts";
import { bootPast } from "../../evidence/boot-evidence.ts";
import type { Fault, KernelBoot, Machine } from "../../ports.ts";
import { koffi } from "./native/koffi.ts";

const query = koffi
  .load("ntdll.dll")
  .func("int32_t __stdcall NtQuerySystemInformation(uint32_t what, void *data, uint32_t size, void *length)") as (
  what: number,
  data: Buffer,
  size: number,
  length: null,
) => number;

export function readKernelBoot(): KernelBoot {
  const data = Buffer.alloc(48);
  query(3, data, data.length, null);
  const bootTime = data.readBigInt64LE(0);
  return {
    bootId: bootTime.toString(16) as BootId,
    bootedAt: Number(bootTime / 10_000n - 11_644_473_600_000n) as Instant,
    kind: "unknown",
    mode: "normal",
  };
}

const NOT_HERE: Fault = { kind: "fault", fault: "unexpected", because: "this agent cannot do that yet" };

export function windowsMachine(boot: KernelBoot): Machine {
  return {
    ownFolders: ["C:\\ProgramData\\Ringback", "C:\\Program Files\\Ringback"],
    kernelBoot: () => Promise.resolve(boot),
    bootPast: (since) =>
      Promise.resolve(bootPast({ boots: [], crashDumps: [], startupRepair: null }, boot.bootedAt, since)),
    files: () => Promise.resolve({ kind: "ok", value: [] }),
    quarantine: () => Promise.resolve(NOT_HERE),
    quarantined: () => Promise.resolve(NOT_HERE),
    restore: () => Promise.resolve(NOT_HERE),
    services: (names) => Promise.resolve(names.map((name) => ({ name, running: false }))),
    serviceStart: () => Promise.resolve(NOT_HERE),
    setServiceStart: () => Promise.resolve(NOT_HERE),
    hold: () => Promise.resolve(NOT_HERE),
    releaseHold: () => Promise.resolve(NOT_HERE),
    restart: () => Promise.resolve(NOT_HERE),
  };
}
