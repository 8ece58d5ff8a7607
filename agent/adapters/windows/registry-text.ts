/** Single facts out of the registry. Whatever has another kind than was expected is not known: undefined. */
import { RegistryKey } from "../../../protocol/registry.ts";
import type { Registry } from "../../machine-parts.ts";
import type { Result } from "../../ports.ts";

/** @param key as HKLM\SOFTWARE\Acme, written in this project */
async function readText(registry: Registry, key: string, name: string): Promise<Result<string | undefined>> {
  const read = await registry.read(RegistryKey.parse(key), name);
  if (read.kind === "fault") return read;
  const { value } = read;
  return { kind: "ok", value: value?.kind === "string" || value?.kind === "expand-string" ? value.text : undefined };
}

async function readNumber(registry: Registry, key: string, name: string): Promise<Result<number | undefined>> {
  const read = await registry.read(RegistryKey.parse(key), name);
  if (read.kind === "fault") return read;
  return { kind: "ok", value: read.value?.kind === "dword" ? read.value.number : undefined };
}

/** Undefined also where it could not be read: for what is only told to people. */
export async function textIfKnown(registry: Registry, key: string, name: string): Promise<string | undefined> {
  const read = await readText(registry, key, name);
  return read.kind === "ok" ? read.value : undefined;
}

export async function numberIfKnown(registry: Registry, key: string, name: string): Promise<number | undefined> {
  const read = await readNumber(registry, key, name);
  return read.kind === "ok" ? read.value : undefined;
}
