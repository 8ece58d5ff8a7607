/**
 * Which boot this is, as Windows' kernel says. Loads nothing else: it is asked before everything, and takes some
 * milliseconds. Standing by, Modern Standby for instance, changes nothing here: it is no boot.
 */
import type { Instant } from "../../../protocol/time.ts";
import type { KernelBoot } from "../../ports.ts";
import {
  bootMode,
  bootOf,
  identityToUse,
  kernelIdentity,
  readResume,
  type Resume,
  resumeText,
  uptimeAt,
} from "./boot-identity.ts";
import { cleanBootMetric, kernelBootCount, kernelTime } from "./native/kernel-time.ts";
import { type KeyHandle, queryValue, setValue } from "./native/registry.ts";
import { isFault, withKey } from "./registry-keys.ts";

/** Lives in memory alone, until the kernel ends. */
const THIS_BOOT_KEY = "HKLM\\SOFTWARE\\Ringback.ThisBoot";
const IDENTITY = "Identity";
const RESUME = "Resume";

const CONTROL = "HKLM\\SYSTEM\\CurrentControlSet\\Control";
const PREFETCH = `${CONTROL}\\Session Manager\\Memory Management\\PrefetchParameters`;
const REG_SZ = 1;
const REG_DWORD = 4;

export interface WindowsBoot extends KernelBoot {
  /** How long the kernel has been up. */
  readonly uptimeMs: number;
}

/** @throws if the kernel does not answer */
export function readKernelBoot(): WindowsBoot {
  const { bootedAtMs, bootedAtFirst, uptimeMs } = kernelTime();
  const count = kernelBootCount() || (numberIn(PREFETCH, "BootId") ?? 0);
  const { identity, resume } = keptIdentity(kernelIdentity(bootedAtFirst, count));
  const option = numberIn(`${CONTROL}\\SafeBoot\\Option`, "OptionValue");
  const isRecovery = withKey(`${CONTROL}\\MiniNT`, "read", () => true) === true;
  return {
    ...bootOf(identity, resume),
    bootedAt: Math.max(0, resume?.atMs ?? bootedAtMs) as Instant,
    mode: bootMode(option, cleanBootMetric(), isRecovery),
    uptimeMs: Math.max(0, uptimeMs - (resume?.uptimeMs ?? 0)),
  };
}

interface Kept {
  readonly identity: string;
  readonly resume: Resume | undefined;
}

/** Keeps the identity for the processes after this one. Who may not write there goes by what the kernel says now. */
function keptIdentity(read: string): Kept {
  const kept = withKey(THIS_BOOT_KEY, "read", keptIn);
  if (kept !== undefined && !isFault(kept) && identityToUse(kept.identity, read) === kept.identity) return kept;
  withKey(THIS_BOOT_KEY, "create-volatile", (key) => setText(key, IDENTITY, read));
  return { identity: read, resume: undefined };
}

/**
 * Remembers, for as long as the kernel lives, that it went on after a resume: from the next process on this is a boot of
 * its own, and its up-time begins there. To be called soon after it, while the clock is as it was then.
 *
 * @returns false if that is known already, or cannot be remembered
 */
export function rememberResume(resume: Omit<Resume, "uptimeMs">): boolean {
  const known = withKey(THIS_BOOT_KEY, "read", keptIn);
  if (known === undefined || isFault(known) || known.resume?.atMs === resume.atMs) return false;
  const uptimeMs = uptimeAt(resume.atMs, Date.now(), kernelTime().uptimeMs);
  const written = withKey(THIS_BOOT_KEY, "write", (key) => setText(key, RESUME, resumeText({ ...resume, uptimeMs })));
  return written === 0;
}

const keptIn = (key: KeyHandle): Kept => ({
  identity: textOf(key, IDENTITY) ?? "",
  resume: readResume(textOf(key, RESUME)),
});

const setText = (key: KeyHandle, name: string, text: string): number =>
  setValue(key, name, REG_SZ, Buffer.from(`${text}\0`, "utf16le"));

const numberIn = (path: string, name: string): number | undefined => {
  const value = withKey(path, "read", (key) => numberOf(key, name));
  return isFault(value) ? undefined : value;
};

function numberOf(key: KeyHandle, name: string): number | undefined {
  const value = queryValue(key, name, 4);
  if (value.kind === "failed" || value.value.type !== REG_DWORD || value.value.data.length !== 4) return undefined;
  return value.value.data.readUInt32LE();
}

function textOf(key: KeyHandle, name: string): string | undefined {
  const value = queryValue(key, name, 200);
  if (value.kind === "failed" || value.value.type !== REG_SZ) return undefined;
  return value.value.data.toString("utf16le").split("\0")[0];
}
