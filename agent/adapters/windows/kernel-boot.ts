/**
 * Which boot this is, as Windows' kernel says. Loads nothing else: it is asked before everything, and takes some
 * milliseconds. Standing by, Modern Standby for instance, changes nothing here: it is no boot.
 */
import type { Instant } from "../../../protocol/time.ts";
import type { KernelBoot } from "../../ports.ts";
import { bootMode, bootOf, identityToUse, kernelIdentity, type Resumes } from "./boot-identity.ts";
import { cleanBootMetric, kernelBootCount, kernelTime } from "./native/kernel-time.ts";
import { type KeyHandle, queryValue, setValue } from "./native/registry.ts";
import { isFault, withKey } from "./registry-keys.ts";

/** Lives in memory alone, until the kernel ends. */
const THIS_BOOT_KEY = "HKLM\\SOFTWARE\\Ringback.ThisBoot";
const THIS_BOOT = { identity: "Identity", resumes: "Resumes", kind: "ResumeKind", at: "ResumedAt" } as const;

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
  const { identity, resumes, resumedAtMs } = keptIdentity(kernelIdentity(bootedAtFirst, count));
  const option = numberIn(`${CONTROL}\\SafeBoot\\Option`, "OptionValue");
  const isRecovery = withKey(`${CONTROL}\\MiniNT`, "read", () => true) === true;
  return {
    ...bootOf(identity, resumes),
    bootedAt: Math.max(0, resumedAtMs ?? bootedAtMs) as Instant,
    mode: bootMode(option, cleanBootMetric(), isRecovery),
    uptimeMs,
  };
}

interface Kept {
  readonly identity: string;
  readonly resumes: Resumes | undefined;
  readonly resumedAtMs: number | undefined;
}

/** Keeps the identity for the processes after this one. Who may not write there goes by what the kernel says now. */
function keptIdentity(read: string): Kept {
  const kept = withKey(THIS_BOOT_KEY, "read", keptIn);
  if (kept !== undefined && !isFault(kept) && identityToUse(kept.identity, read) === kept.identity) return kept;
  withKey(THIS_BOOT_KEY, "create-volatile", (key) =>
    setValue(key, THIS_BOOT.identity, REG_SZ, Buffer.from(`${read}\0`, "utf16le")),
  );
  return { identity: read, resumes: undefined, resumedAtMs: undefined };
}

function keptIn(key: KeyHandle): Kept {
  const count = numberOf(key, THIS_BOOT.resumes) ?? 0;
  const kind = textOf(key, THIS_BOOT.kind) === "hybrid" ? "hybrid" : "hibernate-resume";
  const at = Number(textOf(key, THIS_BOOT.at) ?? Number.NaN);
  return {
    identity: textOf(key, THIS_BOOT.identity) ?? "",
    resumes: { count, kind },
    resumedAtMs: count > 0 && Number.isSafeInteger(at) ? at : undefined,
  };
}

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
