/**
 * What the installer wrote into the registry, in a key that only administrators can change. It is trusted as the service's
 * own program is: whoever can write here can replace that as well.
 */
import { type KeyHandle, queryValue } from "./native/registry.ts";
import { isFault, withKey } from "./registry-keys.ts";

const KEY = "HKLM\\SOFTWARE\\Ringback\\Agent";
const REG_SZ = 1;
/** Paths and addresses; far more than any has. */
const TEXT_BYTES_MAX = 4096;

/** Undefined: it is not there, is empty, or is no text. */
export function readAgentKey(name: string): string | undefined {
  const text = withKey(KEY, "read", (key) => textOf(key, name));
  return isFault(text) ? undefined : text;
}

function textOf(key: KeyHandle, name: string): string | undefined {
  const value = queryValue(key, name, TEXT_BYTES_MAX);
  if (value.kind === "failed" || value.value.type !== REG_SZ) return undefined;
  const text = value.value.data.toString("utf16le").split("\0")[0]?.trim();
  return text === "" ? undefined : text;
}
