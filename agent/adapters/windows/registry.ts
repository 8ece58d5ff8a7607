/**
 * The registry for steps: single values under HKEY_LOCAL_MACHINE, in the 64-bit view, never through a link.
 *
 * What was written is on the disk and was read again before it is called written.
 */
import type { RegistryKey, RegistryValue } from "../../../protocol/registry.ts";
import type { Registry } from "../../machine-parts.ts";
import type { Fault, Result } from "../../ports.ts";
import type { Instant } from "../../../protocol/time.ts";
import {
  deleteValue,
  flushKey,
  type KeyHandle,
  lastWriteTime,
  queryValue,
  setValue,
  STATUS,
  subkeyNames,
} from "./native/registry.ts";
import { isFault, registryFault, type Use, withKey } from "./registry-keys.ts";
import { decodeValue, encodeValue, kindOfType, type RawRegistryValue } from "./registry-values.ts";

/** Larger than any value that a step may set; values of a megabyte are lawful, and none of a step's business. */
const VALUE_BYTES_MAX = 256 * 1_024;

export function windowsRegistry(): Registry {
  return {
    read: async (key, name) => readValue(key, name),
    writtenAt: async (key) => keyWrittenAt(key),
    write: async (key, name, value) => writeValue(key, name, value),
    remove: async (key, name) => removeValue(key, name),
  };
}

/** Undefined: there is no such key or no such value. */
function readValue(key: string, name: string): Result<RegistryValue | undefined> {
  const raw = rawValue(key, name);
  if (isFault(raw)) return raw;
  if (raw === undefined) return { kind: "ok", value: undefined };
  const value = decodeValue(raw);
  if (value !== undefined) return { kind: "ok", value };
  const what = `${raw.data.length} bytes, ${kindOfType(raw.type)}`;
  return {
    kind: "fault",
    fault: "unexpected",
    because: `${key} holds a value ${named(name)} (${what}) that could not be put back as it is, so it is not touched`,
  };
}

function keyWrittenAt(key: string): Result<Instant | undefined> {
  const written = withKey(key, "read", (handle) => {
    const found = lastWriteTime(handle);
    return found.kind === "ok" ? Math.max(0, found.value) : registryFault(found.status, `look at ${key}`);
  });
  return isFault(written) ? written : { kind: "ok", value: written as Instant | undefined };
}

/** The names of the keys below; undefined: there is no such key. */
export function subkeysOf(key: string): Result<readonly string[] | undefined> {
  const names = withKey(key, "read", (handle) => {
    const found = subkeyNames(handle);
    return found.kind === "ok" ? found.value : registryFault(found.status, `list ${key}`);
  });
  return isFault(names) ? names : { kind: "ok", value: names };
}

function writeValue(key: RegistryKey, name: string, value: RegistryValue): Result<void> {
  const { type, data } = encodeValue(value);
  const what = `write ${named(name)} of ${key}`;
  const written = change(key, "create", (handle) => done(setValue(handle, name, type, data), handle, what));
  if (isFault(written)) return written;
  const now = rawValue(key, name);
  if (isFault(now)) return now;
  if (now?.type === type && now.data.equals(data)) return { kind: "ok", value: undefined };
  return notAsAsked(`${key} does not hold ${named(name)} as it was written: something else writes it too`);
}

function removeValue(key: RegistryKey, name: string): Result<void> {
  const what = `remove ${named(name)} of ${key}`;
  const removed = change(key, "write", (handle) => {
    const status = deleteValue(handle, name);
    return status === STATUS.notFound ? undefined : done(status, handle, what);
  });
  if (isFault(removed)) return removed;
  const now = rawValue(key, name);
  if (isFault(now)) return now;
  if (now === undefined) return { kind: "ok", value: undefined };
  return notAsAsked(`${key} still holds ${named(name)} after it was removed: something else writes it too`);
}

const named = (name: string): string => (name === "" ? "its default value" : `"${name}"`);

const notAsAsked = (because: string): Fault => ({ kind: "fault", fault: "verify-failed", because });

const change = (key: string, use: Use, work: (handle: KeyHandle) => Fault | undefined): Fault | undefined =>
  withKey<undefined>(key, use, work);

/** A change is done when it outlives the power. */
function done(status: number, handle: KeyHandle, what: string): Fault | undefined {
  if (status !== STATUS.ok) return registryFault(status, what);
  const flushed = flushKey(handle);
  return flushed === STATUS.ok ? undefined : registryFault(flushed, `put on the disk what was done to ${what}`);
}

function rawValue(key: string, name: string): RawRegistryValue | Fault | undefined {
  return withKey<RawRegistryValue | undefined>(key, "read", (handle) => {
    const found = queryValue(handle, name, VALUE_BYTES_MAX);
    if (found.kind === "ok") return found.value;
    if (found.status === STATUS.notFound) return undefined;
    if (found.status !== STATUS.moreData) return registryFault(found.status, `read ${named(name)} of ${key}`);
    return { kind: "fault", fault: "unexpected", because: `${named(name)} of ${key} is larger than any step may set` };
  });
}
