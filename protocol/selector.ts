/** Selectors: which devices are meant. Every field given must hold; within a list one match is enough. */
import { z } from "zod";
import { Sha256 } from "./canonical.ts";
import { ContentSourceId } from "./content.ts";
import { DeviceId } from "./ids.ts";
import { GroupName, Role, Site } from "./names.ts";

const fields = {
  sites: z.array(Site).min(1).max(1_000).optional(),
  roles: z.array(Role).min(1).max(100).optional(),
  groups: z.array(GroupName).min(1).max(100).optional(),
  devices: z.array(DeviceId).min(1).max(10_000).optional(),
  /** Devices on which this version is known to be, or to have been when they were last heard. */
  runs: z.strictObject({ source: ContentSourceId, sha256: Sha256 }).optional(),
};

export const Selector = z
  .strictObject({ ...fields, except: z.strictObject(fields).optional() })
  .refine(
    (selector) => Object.keys(selector).some((key) => key !== "except"),
    'say which devices: an empty selector would mean all of them; use {"all": true}',
  )
  .or(z.strictObject({ all: z.literal(true), except: z.strictObject(fields).optional() }));
export type Selector = z.infer<typeof Selector>;

/** What a selector can see of a device. `runs` holds `source sha256` pairs; `groups` the groups it is in. */
export interface Selectable {
  readonly id: DeviceId;
  readonly site: Site;
  readonly role: Role;
  isIn(group: GroupName): boolean;
  runs(source: ContentSourceId, sha256: Sha256): boolean;
}

type Fields = { readonly [K in keyof typeof fields]: z.infer<(typeof fields)[K]> };

export function matches(selector: Selector, device: Selectable): boolean {
  if (
    selector.except !== undefined &&
    Object.keys(selector.except).length > 0 &&
    holds(selector.except as Fields, device)
  )
    return false;
  return "all" in selector ? true : holds(selector as Fields, device);
}

function holds({ sites, roles, groups, devices, runs }: Fields, device: Selectable): boolean {
  return (
    (sites === undefined || setOf(sites).has(device.site)) &&
    (roles === undefined || setOf(roles).has(device.role)) &&
    (groups === undefined || groups.some((group) => device.isIn(group))) &&
    (devices === undefined || setOf(devices).has(device.id)) &&
    (runs === undefined || device.runs(runs.source, runs.sha256))
  );
}

/** A list of 10,000 ids is asked about each device of a fleet: as a set, once. */
const sets = new WeakMap<readonly string[], ReadonlySet<string>>();
function setOf(list: readonly string[]): ReadonlySet<string> {
  let set = sets.get(list);
  if (set === undefined) sets.set(list, (set = new Set(list)));
  return set;
}
