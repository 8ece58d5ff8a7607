/** The list of devices in the REST interface: what it can be filtered by, its pages, and the choices for its filters. */
import { z } from "zod";
import { Condition, PageQuery } from "./api.ts";
import { BootEnd } from "./boot.ts";
import { Sha256 } from "./canonical.ts";
import { ContentSourceId } from "./content.ts";
import { DeviceStanding } from "./enrolment.ts";
import { DeviceId } from "./ids.ts";
import { DeviceName, GroupName, Image, Role, Site, text } from "./names.ts";
import { Instant } from "./time.ts";

const YesNo = z.enum(["yes", "no"]);

/** All that are given must hold. */
const FILTERS = {
  site: Site.optional(),
  role: Role.optional(),
  condition: Condition.optional(),
  connected: YesNo.optional(),
  /** The boot before this one ended in a bugcheck, and there was no good boot since. */
  crashed: YesNo.optional(),
  /** Devices on which a version of this source is, or was when last heard. */
  source: ContentSourceId.optional(),
  /** Devices on which this content version is, or was when last heard. */
  sha256: Sha256.optional(),
  standing: DeviceStanding.optional(),
  /** Yes: only machines of images that are taken for thrown away, which are left out otherwise. */
  gone: YesNo.optional(),
  /** A part of the name, whatever the case, or of the id from six characters on. */
  search: text(100).optional(),
} as const;

export const DeviceSort = z.enum(["name", "last-heard", "id"]);
export type DeviceSort = z.infer<typeof DeviceSort>;

export const DeviceQuery = PageQuery.extend({
  ...FILTERS,
  /** By name, whatever the case; by the time last heard, never heard first; or by id, which is by age. */
  sort: DeviceSort.default("name"),
  order: z.enum(["ascending", "descending"]).default("ascending"),
  /** Holds the place of a device in the order, a name for instance. */
  cursor: z.string().max(600).optional(),
});

/** A device as lists show it. Its content, evidence and history are asked for one device at a time. */
export const DeviceSummary = z.strictObject({
  id: DeviceId,
  name: DeviceName,
  site: Site,
  role: Role,
  condition: Condition,
  connected: z.boolean(),
  standing: DeviceStanding,
  /** Does it stand in counts, gates and plans? */
  counts: z.boolean(),
  group: GroupName.nullable(),
  image: Image.nullable(),
  registeredAt: Instant,
  lastHeardAt: Instant.nullable(),
  /** How the boot before the present one ended; null until a boot was reported. */
  lastEnd: BootEnd.nullable(),
  /** Boots since the last good one, the present one included; null until a boot was reported. */
  tries: z.int().nullable(),
  versions: z.array(z.strictObject({ source: ContentSourceId, label: text(120) })),
});
export type DeviceSummary = z.infer<typeof DeviceSummary>;

export const DevicePage = z.strictObject({
  items: z.array(DeviceSummary),
  /** Cursors of the page after this one and of the one before it; null where there is none. */
  next: z.string().nullable(),
  previous: z.string().nullable(),
  asOf: Instant,
  /** Devices that match, on whichever page. */
  total: z.int(),
  /** How many of them stand before this page. */
  before: z.int(),
  /** All devices there are, but for those that are gone. */
  fleet: z.int(),
  /** Machines of images that were not heard for more than a day: taken for thrown away, and in no count and no list. */
  gone: z.int(),
  /** Of these, those that count: accepted, and of an image one. */
  counted: z.int(),
  standings: z.record(DeviceStanding, z.int()),
  /** How many devices there would be with another condition and the other filters as they are. */
  conditions: z.record(Condition, z.int()),
});

export const DeviceFacetQuery = z.strictObject({
  ...FILTERS,
  /** Only choices with this in them, whatever the case. */
  find: text(100).optional(),
  /** Of each kind at most so many: those with the most devices. */
  limit: z.coerce.number().int().min(1).max(200).default(20),
});

/** `choices`: how many there are, those left out by `limit` included. */
const facet = <Item extends z.ZodRawShape>(item: Item) =>
  z.strictObject({ items: z.array(z.strictObject({ ...item, devices: z.int() })), choices: z.int() });

/** What devices can be filtered by. Each choice is counted with all filters but that of its own kind. */
export const DeviceFacets = z.strictObject({
  sites: facet({ site: Site }),
  roles: facet({ role: Role }),
  content: facet({ source: ContentSourceId, sha256: Sha256, label: text(120) }),
  asOf: Instant,
});
