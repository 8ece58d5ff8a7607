/**
 * Versions that a product writes into the registry instead of into a file: how they are named and told apart.
 *
 * Two machines hold the same version if source, key, name and value are the same, whoever wrote them and when.
 */
import { z } from "zod";
import { canonicalBytes, type Sha256, sha256Hex } from "./canonical.ts";
import { RegistryKey, type RegistryValue, RegistryValueName } from "./registry.ts";

/** A value's place as `HKLM\\SOFTWARE\\Acme\\Version`: the key, and the value's name as its last part. */
export const RegistryPlace = z
  .string()
  .max(500)
  .refine(isPlace, "expected a value's place as HKLM\\SOFTWARE\\Acme\\Version")
  .brand<"RegistryPlace">();
export type RegistryPlace = z.infer<typeof RegistryPlace>;

export const registryPlace = (key: RegistryKey, name: string): RegistryPlace => `${key}\\${name}` as RegistryPlace;

export const isRegistryPlace = (path: string): path is RegistryPlace => path.startsWith("HKLM\\");

/** A name may hold a backslash itself, so this is a look whether it can be a place, and not the way back from one. */
function isPlace(place: string): boolean {
  const cut = place.lastIndexOf("\\");
  return (
    RegistryKey.safeParse(place.slice(0, Math.max(0, cut))).success &&
    RegistryValueName.safeParse(place.slice(cut + 1)).success
  );
}

/**
 * The identity of such a version: SHA-256 of the line `ringback.registry-version/1` and, after a line feed, the canonical
 * JSON (RFC 8785) of `{ source, key, name, value }`; key and name are written as the content source names them.
 */
export function registryVersionDigest(version: {
  readonly source: string;
  readonly key: RegistryKey;
  readonly name: string;
  readonly value: RegistryValue;
}): { readonly sha256: Sha256; readonly sizeBytes: number } {
  const { source, key, name, value } = version;
  const head = new TextEncoder().encode("ringback.registry-version/1\n");
  const body = canonicalBytes({ source, key, name, value });
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return { sha256: sha256Hex(bytes), sizeBytes: canonicalBytes(value).length };
}

/** As people call it. */
export function registryLabel(value: RegistryValue): string {
  switch (value.kind) {
    case "string":
    case "expand-string":
      return value.text;
    case "dword":
      return String(value.number);
    case "multi-string":
      return value.lines.join(" ");
    case "binary":
      return value.hex;
  }
}
