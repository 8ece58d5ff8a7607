/** What BitLocker asks at a start of this Windows, as far as manage-bde and policy say it. */
import { RegistryKey } from "../../../protocol/registry.ts";
import type { Registry } from "../../machine-parts.ts";
import type { Result } from "../../ports.ts";
import { saidBy } from "./boot-entries.ts";
import type { RunTool } from "./ports.ts";
import { type Protector, parseProtectors, parseVolumeStatus } from "./tools/manage-bde-output.ts";

const WITHIN_MS = 60_000;
const POLICY = RegistryKey.parse("HKLM\\SOFTWARE\\Policies\\Microsoft\\FVE");
/** As the policy names the element, with the boot program before it. */
const SAFEBOOT = /^(?:winload|all):(?:safeboot|0x25000080)$/i;

export interface BitLockerState {
  /** `off`: not encrypted. `suspended`: encrypted, with the key beside the lock. */
  readonly protection: "on" | "off" | "suspended";
  readonly encryptedPercent: number;
  readonly protectors: readonly Protector[];
  /** A policy makes BitLocker watch the safe mode setting, which it does not by default. */
  readonly validatesSafeBoot: boolean;
}

/** @param volume as C: */
export async function bitLockerOf(run: RunTool, registry: Registry, volume: string): Promise<Result<BitLockerState>> {
  // Its words for "on" and "off" are in the machine's language; with this option its exit code says it.
  const status = await run("manage-bde", ["-status", volume, "-protectionaserrorlevel"], WITHIN_MS);
  if (status.kind === "fault") return status;
  const { exitCode } = status.value;
  const encryptedPercent = parseVolumeStatus(status.value.stdout).find(
    (each) => each.volume === volume,
  )?.encryptedPercent;
  if ((exitCode !== 0 && exitCode !== 1) || encryptedPercent === undefined)
    return unread(`manage-bde -status ended with ${exitCode}${saidBy(status.value)}`);
  const validatesSafeBoot = await isSafeBootValidated(registry);
  if (validatesSafeBoot.kind === "fault") return validatesSafeBoot;
  const rest = { encryptedPercent, validatesSafeBoot: validatesSafeBoot.value };
  if (exitCode === 1 && encryptedPercent === 0)
    return { kind: "ok", value: { protection: "off", protectors: [], ...rest } };
  const listed = await run("manage-bde", ["-protectors", "-get", volume], WITHIN_MS);
  if (listed.kind === "fault") return listed;
  const protectors = parseProtectors(listed.value.stdout);
  if (protectors === undefined) return unread(`manage-bde -protectors ended with ${listed.value.exitCode}`);
  return { kind: "ok", value: { protection: exitCode === 0 ? "on" : "suspended", protectors, ...rest } };
}

async function isSafeBootValidated(registry: Registry): Promise<Result<boolean>> {
  const enhanced = await registry.read(POLICY, "OSUseEnhancedBcdProfile");
  if (enhanced.kind === "fault") return enhanced;
  if (enhanced.value?.kind !== "dword" || enhanced.value.number !== 1) return { kind: "ok", value: false };
  const added = await registry.read(POLICY, "OSBcdAdditionalSecurityCriticalSettings");
  if (added.kind === "fault") return added;
  const lines = added.value?.kind === "multi-string" ? added.value.lines : [];
  return { kind: "ok", value: lines.some((line) => SAFEBOOT.test(line.trim())) };
}

const unread = (seen: string): Result<never> => ({
  kind: "fault",
  fault: "unexpected",
  because: `what BitLocker asks at a start is not known: ${seen}`,
});
