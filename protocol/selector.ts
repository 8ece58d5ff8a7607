/** Selectors: which devices are meant. Every field given must hold; within a list one match is enough. */
import { z } from "zod";
import { Sha256 } from "./canonical.ts";
import { ContentSourceId } from "./content.ts";
import { DeviceId } from "./ids.ts";
import { GroupName, Role, Site } from "./names.ts";
import { Instant } from "./time.ts";

const fields = {
  sites: z.array(Site).min(1).max(1_000).optional(),
  roles: z.array(Role).min(1).max(100).optional(),
  groups: z.array(GroupName).min(1).max(100).optional(),
  devices: z.array(DeviceId).min(1).max(10_000).optional(),
  /** Devices on which this version is known to be, or to have been when they were last heard. */
  runs: z.strictObject({ source: ContentSourceId, sha256: Sha256 }).optional(),
  /**
   * Devices on which any of these versions is known to be, or to have been when they were last heard. With
   * `orSilentSince` also those that are silent or unknown and were heard after that: nobody can say what they took since.
   */
  exposed: z
    .strictObject({
      versions: z
        .array(z.strictObject({ source: ContentSourceId, sha256: Sha256 }))
        .min(1)
        .max(20),
      orSilentSince: Instant.nullable(),
    })
    .optional(),
};
/** `exceptAny`: whatever any of these means is left out, too. */
const exceptions = {
  except: z.strictObject(fields).optional(),
  exceptAny: z.array(z.strictObject(fields)).max(20).optional(),
};

export const Selector = z
  .strictObject({ ...fields, ...exceptions })
  .refine(
    (selector) => Object.keys(selector).some((key) => !(key in exceptions)),
    'say which devices: an empty selector would mean all of them; use {"all": true}',
  )
  .or(z.strictObject({ all: z.literal(true), ...exceptions }));
export type Selector = z.infer<typeof Selector>;

/** What a selector can see of a device. `runs` holds `source sha256` pairs; `groups` the groups it is in. */
export interface Selectable {
  readonly id: DeviceId;
  readonly site: Site;
  readonly role: Role;
  isIn(group: GroupName): boolean;
  runs(source: ContentSourceId, sha256: Sha256): boolean;
  /** Silent or unknown now, and heard at or after this. */
  isSilentSince(since: Instant): boolean;
}

type Fields = { readonly [K in keyof typeof fields]: z.infer<(typeof fields)[K]> };

export function matches(selector: Selector, device: Selectable): boolean {
  const isExcepted = (except: object): boolean => Object.keys(except).length > 0 && holds(except as Fields, device);
  if (selector.except !== undefined && isExcepted(selector.except)) return false;
  if (selector.exceptAny?.some(isExcepted) === true) return false;
  return "all" in selector ? true : holds(selector as Fields, device);
}

function holds({ sites, roles, groups, devices, runs, exposed }: Fields, device: Selectable): boolean {
  return (
    (sites === undefined || setOf(sites).has(device.site)) &&
    (roles === undefined || setOf(roles).has(device.role)) &&
    (groups === undefined || groups.some((group) => device.isIn(group))) &&
    (devices === undefined || setOf(devices).has(device.id)) &&
    (runs === undefined || device.runs(runs.source, runs.sha256)) &&
    (exposed === undefined ||
      exposed.versions.some(({ source, sha256 }) => device.runs(source, sha256)) ||
      (exposed.orSilentSince !== null && device.isSilentSince(exposed.orSilentSince)))
  );
}

/** A list of 10,000 ids is asked about each device of a fleet: as a set, once. */
const sets = new WeakMap<readonly string[], ReadonlySet<string>>();
function setOf(list: readonly string[]): ReadonlySet<string> {
  let set = sets.get(list);
  if (set === undefined) sets.set(list, (set = new Set(list)));
  return set;
}
