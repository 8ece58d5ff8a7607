/** Whether a machine may be put into safe mode at all. Pure: what is not known forbids it. */
import { RegistryKey } from "../../../protocol/registry.ts";
import type { Registry } from "../../machine-parts.ts";
import type { Result } from "../../ports.ts";
import { type BitLockerState, bitLockerOf } from "./bitlocker.ts";
import type { RunTool } from "./ports.ts";

const PRODUCT_OPTIONS = RegistryKey.parse("HKLM\\SYSTEM\\CurrentControlSet\\Control\\ProductOptions");

export interface SafeModeFacts {
  /** WinNT (workstation), ServerNT, LanmanNT (domain controller); undefined: not known. */
  readonly productType: string | undefined;
  readonly bitLocker: Result<BitLockerState>;
}

/** Why safe mode is forbidden, in words; undefined where it is not. */
export function safeModeForbidden({ productType, bitLocker }: SafeModeFacts): string | undefined {
  if (productType === undefined) return "what kind of Windows this is cannot be read, so it may be a domain controller";
  if (productType.toLowerCase() === "lanmannt")
    return "this is a domain controller: in safe mode it serves nobody and may start apart from its peers";
  // Editions without manage-bde cannot have a volume of Windows that BitLocker protects.
  if (bitLocker.kind === "fault") return bitLocker.fault === "not-found" ? undefined : bitLocker.because;
  const { protection, protectors, validatesSafeBoot } = bitLocker.value;
  if (protection !== "on") return undefined;
  const atStart = protectors.filter(({ kind }) => kind !== "numerical-password");
  if (!atStart.some(({ kind }) => kind === "tpm"))
    return atStart.some(({ kind }) => kind === "tpm-and-pin")
      ? "BitLocker asks for a PIN at every start of this machine: safe mode only while somebody is there to type it"
      : "BitLocker opens this machine with something that somebody must bring: safe mode only while he is there";
  const unbound = atStart.some(({ kind, usesSecureBoot }) => kind === "tpm" && !usesSecureBoot);
  if (validatesSafeBoot && unbound)
    return "a policy makes BitLocker watch the safe mode setting, so it would ask for the recovery key at the next start";
  return undefined;
}

/** @param volume that Windows lies on, as C: */
export async function whySafeModeIsForbidden(
  run: RunTool,
  registry: Registry,
  volume: string,
): Promise<string | undefined> {
  const type = await registry.read(PRODUCT_OPTIONS, "ProductType");
  const productType = type.kind === "ok" && type.value?.kind === "string" ? type.value.text : undefined;
  return safeModeForbidden({ productType, bitLocker: await bitLockerOf(run, registry, volume) });
}
