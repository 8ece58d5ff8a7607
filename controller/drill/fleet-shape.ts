/**
 * A fleet in columns: log-normal sites in regions with zones of their own, classes, roles and hardware models.
 *
 * The devices of a site, and those of a segment, follow each other, so that an outage walks a range and not the fleet.
 */
import { DEVICE_CLASSES, type DeviceClass } from "../detection/types.ts";
import { DrillDice, habit } from "./dice.ts";
import { DRILL_ROLES, type FleetColumns } from "./outbreak.ts";

export interface FleetShape {
  readonly size: number;
  readonly sites: number;
  /** Of the logarithm of a site's size; 0: all alike. */
  readonly siteSigma: number;
  /** Minutes that a region is ahead of UTC, one a region. */
  readonly zones: readonly number[];
  readonly classes: Readonly<Record<DeviceClass, number>>;
  readonly models: number;
  /** Of the first model; null: as it comes. */
  readonly modelShare: number | null;
  readonly gateways: number;
  readonly segmentSize: number;
  /** An inventory says what is a server and what a laptop; false: every machine is a workstation until its life shows. */
  readonly isInventoried: boolean;
}

export const ORDINARY_FLEET: FleetShape = {
  size: 10_000,
  sites: 200,
  siteSigma: 1,
  zones: [-300, 0, 60, 330],
  classes: { server: 0.08, "always-on": 0.22, office: 0.45, mobile: 0.25 },
  models: 40,
  modelShare: null,
  gateways: 4,
  segmentSize: 60,
  isInventoried: true,
};

/** Beside the columns: where each site begins and, last, where they all end. */
export interface Fleet {
  readonly columns: FleetColumns;
  readonly siteStart: Uint32Array;
  readonly zones: readonly number[];
  readonly isInventoried: boolean;
}

export function makeFleet(shape: FleetShape, seed: number): Fleet {
  const dice = new DrillDice(`fleet/${seed}`);
  const { size } = shape;
  const siteStart = siteStarts(shape, dice);
  const siteCount = siteStart.length - 1;
  const columns: FleetColumns = {
    size,
    siteCount,
    site: new Uint32Array(size),
    region: new Uint8Array(size),
    segment: new Uint32Array(size),
    class: new Uint8Array(size),
    role: new Uint8Array(size),
    os: new Uint8Array(size),
    model: new Uint16Array(size),
  };
  const shares = DEVICE_CLASSES.map((name) => shape.classes[name]);
  let segment = 0;
  for (let site = 0; site < siteCount; site++) {
    const region = dice.below(shape.zones.length);
    const first = siteStart[site] ?? 0;
    const end = siteStart[site + 1] ?? size;
    for (let device = first; device < end; device++) {
      if ((device - first) % shape.segmentSize === 0) segment++;
      const kind = picked(shares, dice.unit());
      columns.site[device] = site;
      columns.region[device] = region;
      columns.segment[device] = segment;
      columns.class[device] = kind;
      columns.role[device] = roleOf(kind, site, device);
      columns.os[device] = DEVICE_CLASSES[kind] === "server" ? 3 : dice.chance(0.7) ? 1 : 2;
      columns.model[device] = modelOf(shape, dice);
    }
  }
  return { columns, siteStart, zones: shape.zones, isInventoried: shape.isInventoried };
}

/** Each site has at least one device. */
function siteStarts({ size, sites, siteSigma }: FleetShape, dice: DrillDice): Uint32Array {
  const count = Math.min(sites, size);
  const weights = Array.from({ length: count }, () => dice.logNormal(1, siteSigma));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const starts = new Uint32Array(count + 1);
  let reached = 0;
  for (let site = 0; site < count; site++) {
    starts[site] = Math.max(site, Math.round((reached / sum) * (size - count)) + site);
    reached += weights[site] ?? 0;
  }
  starts[count] = size;
  return starts;
}

function picked(shares: readonly number[], roll: number): number {
  let reached = 0;
  const found = shares.findIndex((share) => (reached += share) > roll);
  return found < 0 ? shares.length - 1 : found;
}

/** Of servers a fifth are domain controllers, of machines that are always on half are clinical and half are tills. */
function roleOf(kind: number, site: number, device: number): number {
  const name = DEVICE_CLASSES[kind] ?? "office";
  if (name === "server") return DRILL_ROLES.indexOf(habit(device, 11) < 0.2 ? "domain-controller" : "server");
  if (name === "always-on") return DRILL_ROLES.indexOf(habit(site, 12) < 0.5 ? "clinical" : "till");
  return DRILL_ROLES.indexOf(name === "office" ? "workstation" : "laptop");
}

/** From 1 up, the common ones first. */
function modelOf({ models, modelShare }: FleetShape, dice: DrillDice): number {
  if (modelShare !== null && dice.chance(modelShare)) return 1;
  const first = modelShare === null ? 1 : 2;
  return first + Math.floor(dice.unit() ** 2 * Math.max(1, models - first + 1));
}
