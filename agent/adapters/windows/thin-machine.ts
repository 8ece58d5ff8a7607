/** The parts of a Windows machine that are there, put together. */
import { bootPast } from "../../evidence/boot-evidence.ts";
import type { Fault, KernelBoot, Machine } from "../../ports.ts";
import { absentParts } from "../absent-parts.ts";
import { windowsFiles } from "./machine-files.ts";

const NOT_HERE: Fault = { kind: "fault", fault: "unexpected", because: "this agent cannot do that yet" };

export function windowsMachine(boot: KernelBoot, stateFolder: string): Machine {
  return {
    ...absentParts("this agent"),
    ...windowsFiles({ stateFolder }),
    ownFolders: [stateFolder, "C:\\Program Files\\Ringback"],
    kernelBoot: () => Promise.resolve(boot),
    bootPast: (since) =>
      Promise.resolve(bootPast({ boots: [], crashDumps: [], startupRepair: null }, boot.bootedAt, since)),
    services: (names) => Promise.resolve(names.map((name) => ({ name, running: false }))),
    serviceStart: () => Promise.resolve(NOT_HERE),
    setServiceStart: () => Promise.resolve(NOT_HERE),
    hold: () => Promise.resolve(NOT_HERE),
    isHeld: () => Promise.resolve(NOT_HERE),
    releaseHold: () => Promise.resolve(NOT_HERE),
    restart: () => Promise.resolve(NOT_HERE),
  };
}
