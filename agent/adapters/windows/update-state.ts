/** What has become of an update, from what is known of its packages. Pure; what is not known is never "removable". */
import type { UpdateName, UpdateState } from "../../machine-parts.ts";
import type { Result } from "../../ports.ts";
import { fault } from "./fault.ts";
import type { PackageManifest } from "./tools/package-manifest.ts";

export interface PackageFacts {
  readonly identity: string;
  /** As DISM says it, in lower case. */
  readonly state: string;
  readonly manifest: PackageManifest | undefined;
  /** Milliseconds UTC; undefined: not known. */
  readonly installedAt: number | undefined;
}

/** `never`: ResetBase has not made permanent what was installed; `unknown`: the registry says something else than a time. */
export type BaseReset = "never" | "unknown" | { readonly at: number };

const STATES: Readonly<Record<string, UpdateState["state"] | "absent">> = {
  installed: "installed",
  "install pending": "install-pending",
  "uninstall pending": "uninstall-pending",
  superseded: "absent", // a newer one took its place: removing it would change nothing
  staged: "absent",
  "not present": "absent",
  removed: "absent",
  uninstalled: "absent",
};

/** @param all the packages that the update consists of */
export function updateState(
  update: UpdateName,
  all: readonly PackageFacts[],
  baseReset: BaseReset,
): Result<UpdateState | undefined> {
  const found = all.filter(({ state }) => STATES[state] !== "absent");
  if (found.length === 0) return { kind: "ok", value: undefined };
  const [state, ...others] = new Set(found.map((each) => STATES[each.state]));
  if (state === undefined || state === "absent" || others.length > 0) {
    const seen = found.map((each) => `${each.identity} is ${each.state}`).join("; ");
    return fault("unexpected", `what has become of ${update} is not known: ${seen}`);
  }
  const packages = found.map(({ identity }) => identity);
  const because = permanentBecause(update, found, baseReset);
  return { kind: "ok", value: { update, packages, state, permanentBecause: because } };
}

function permanentBecause(
  update: UpdateName,
  found: readonly PackageFacts[],
  baseReset: BaseReset,
): string | undefined {
  const stack = found.find(({ identity }) => /ServicingStack/i.test(identity));
  if (stack !== undefined)
    return `${update} is part of the servicing stack (${stack.identity}), which is never removed`;
  const permanent = found.find(({ manifest }) => manifest?.isPermanent === true);
  if (permanent !== undefined) return `${update} is marked as permanent by its maker (${permanent.identity})`;
  if (found.some(({ installedAt }) => isFixed(installedAt, baseReset)))
    return `${update} was made permanent when this Windows was cleaned up with ResetBase`;
  const unread = found.find(({ manifest }) => manifest?.isPermanent === undefined);
  if (unread === undefined) return undefined;
  return `whether ${update} can be removed is not known: the manifest of ${unread.identity} does not say it`;
}

const isFixed = (installedAt: number | undefined, baseReset: BaseReset): boolean =>
  baseReset !== "never" && (baseReset === "unknown" || installedAt === undefined || installedAt <= baseReset.at);
