/**
 * Opens keys of the registry by their whole path, never through a link.
 *
 * A link in the registry is a key that stands for another. Who may make one could lead a step anywhere, so a path is
 * walked one key at a time, each opened below the one before it and looked at. The one link that is followed is Windows'
 * own, `HKLM\SYSTEM\CurrentControlSet`, and only to where the kernel leads it.
 */
import type { Fault } from "../../ports.ts";
import {
  ACCESS,
  closeKey,
  createKey,
  type KeyHandle,
  LOCAL_MACHINE,
  openKey,
  queryValue,
  STATUS,
} from "./native/registry.ts";

const REG_LINK = 6;
const LINK_VALUE = "SymbolicLinkValue";
const LINK_BYTES_MAX = 2_048;
const ROOT = "HKLM";
const OWN_LINK = "hklm\\system\\currentcontrolset";

export type Use = "read" | "write" | "create" | "create-volatile";

/**
 * Runs `work` with the key open. Undefined: there is no such key (never for `create`, which makes what is missing).
 * @param path as `HKLM\SOFTWARE\Acme`
 */
export function withKey<Value>(
  path: string,
  use: Use,
  work: (key: KeyHandle) => Value | Fault,
): Value | Fault | undefined {
  const opened = openPath(path, use);
  if (typeof opened !== "bigint") return opened;
  try {
    return work(opened);
  } finally {
    closeKey(opened);
  }
}

export function isFault(value: unknown): value is Fault {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "fault";
}

/** @param what as "read HKLM\SOFTWARE\Acme" */
export function registryFault(status: number, what: string): Fault {
  const fault =
    status === STATUS.denied ? "permission-denied" : status === STATUS.notFound ? "not-found" : "unexpected";
  return { kind: "fault", fault, because: `could not ${what}: Windows answered with error ${status}` };
}

function openPath(path: string, use: Use): KeyHandle | Fault | undefined {
  const [root, ...names] = path.split("\\");
  if (root !== ROOT || names.length === 0 || names.includes(""))
    return { kind: "fault", fault: "unexpected", because: `${path} is no key of ${ROOT}` };
  let key: KeyHandle = LOCAL_MACHINE;
  let walked = ROOT;
  for (const [i, name] of names.entries()) {
    walked = `${walked}\\${name}`;
    const isLast = i === names.length - 1;
    const next = step(key, name, walked, isLast && use !== "read" ? "write" : "read", use);
    if (key !== LOCAL_MACHINE) closeKey(key);
    if (typeof next !== "bigint") return next;
    key = next;
  }
  return key;
}

/** From an open key to the one of this name below it. */
function step(
  parent: KeyHandle,
  name: string,
  walked: string,
  access: "read" | "write",
  use: Use,
): KeyHandle | Fault | undefined {
  const opened = openKey(parent, name, ACCESS[access], true);
  if (opened.kind === "ok") return notALink(parent, opened.value, name, walked, access);
  if (opened.status !== STATUS.notFound) return registryFault(opened.status, `open ${walked}`);
  if (use !== "create" && use !== "create-volatile") return undefined;
  // Windows asks whether we may by what the key above says, not by what its handle was opened for.
  const made = createKey(parent, name, use === "create-volatile");
  if (made.kind === "failed") return registryFault(made.status, `make ${walked}`);
  if (made.value.isNew) return made.value.key;
  closeKey(made.value.key);
  return {
    kind: "fault",
    fault: "unexpected",
    because: `${walked} was not there and then was: another program makes it at this moment. Try again.`,
  };
}

function notALink(
  parent: KeyHandle,
  key: KeyHandle,
  name: string,
  walked: string,
  access: "read" | "write",
): KeyHandle | Fault {
  const link = queryValue(key, LINK_VALUE, LINK_BYTES_MAX);
  const isLink = link.kind === "ok" ? link.value.type === REG_LINK : link.status === STATUS.moreData;
  if (!isLink) return key;
  closeKey(key);
  if (walked.toLowerCase() !== OWN_LINK)
    return {
      kind: "fault",
      fault: "path-escapes",
      because: `${walked} is a link to another key; nothing is read or written through links`,
    };
  const followed = openKey(parent, name, ACCESS[access], false);
  return followed.kind === "ok" ? followed.value : registryFault(followed.status, `open ${walked}`);
}
