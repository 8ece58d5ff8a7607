/** What Defender's own registry values say. Read only: Defender guards them, also from us. */
import { RegistryKey } from "../../../protocol/registry.ts";
import type { DefenderState, Registry } from "../../machine-parts.ts";
import type { Result } from "../../ports.ts";

const ROOT = RegistryKey.parse("HKLM\\SOFTWARE\\Microsoft\\Windows Defender");
const UPDATES = RegistryKey.parse(`${ROOT}\\Signature Updates`);
const FEATURES = RegistryKey.parse(`${ROOT}\\Features`);
/** As Microsoft documents the value: 1 and 5 are on, 0 and 4 are off. */
const TAMPER_PROTECTION: Readonly<Record<number, boolean>> = { 0: false, 1: true, 4: false, 5: true };

/** Undefined: Defender is not on this machine. */
export async function readDefenderState(registry: Registry): Promise<Result<DefenderState | undefined>> {
  const place = await text(registry, ROOT, "InstallLocation");
  if (place.kind === "fault") return place;
  const definitions = await text(registry, UPDATES, "AVSignatureVersion");
  if (definitions.kind === "fault") return definitions;
  if (place.value === undefined && definitions.value === undefined) return { kind: "ok", value: undefined };
  const engine = await text(registry, UPDATES, "EngineVersion");
  if (engine.kind === "fault") return engine;
  const tamper = await registry.read(FEATURES, "TamperProtection");
  if (tamper.kind === "fault") return tamper;
  return {
    kind: "ok",
    value: {
      definitions: version(definitions.value),
      engine: version(engine.value),
      platform: /\\Platform\\(\d+(?:\.\d+){2,3})(?:-\d+)?\\?$/i.exec(place.value ?? "")?.[1],
      tamperProtected: tamper.value?.kind === "dword" ? TAMPER_PROTECTION[tamper.value.number] : undefined,
    },
  };
}

async function text(registry: Registry, key: RegistryKey, name: string): Promise<Result<string | undefined>> {
  const read = await registry.read(key, name);
  if (read.kind === "fault") return read;
  return { kind: "ok", value: read.value?.kind === "string" ? read.value.text : undefined };
}

/** 0.0.0.0 is how Defender says that it has none. */
export const version = (said: string | undefined): string | undefined =>
  said !== undefined && /^\d{1,6}(?:\.\d{1,6}){1,4}$/.test(said) && /[1-9]/.test(said) ? said : undefined;
