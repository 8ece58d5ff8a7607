/**
 * Who believes which trust document, and who may still obey keys that the controller once made for itself.
 *
 * A device that does not say it has the document in which they left is taken for one that obeys them: an older agent
 * cannot say, and a number that no document has says nothing.
 */
import type { TrustReach } from "../../protocol/api-trust.ts";
import { type Envelope, peek } from "../../protocol/dsse.ts";
import { starterRoles, TrustDocument } from "../../protocol/trust-document.ts";
import type { Fleet, FleetDevice } from "../fleet/fleet.ts";

const LISTED_MAX = 100;

/** The newest document in which a role has no starter key any more that one had before it. */
export function starterLeftIn(documents: readonly Envelope[]): number | null {
  let before: readonly string[] = [];
  let left: number | null = null;
  for (const envelope of documents) {
    const document = peek(envelope, TrustDocument);
    const roles = starterRoles(document);
    if (before.some((role) => !roles.some((kept) => kept === role))) left = document.version;
    before = roles;
  }
  return left;
}

/** @param newest the version of the newest document */
export function trustReach(fleet: Fleet, left: number | null, newest: number): TrustReach {
  const counts = new Map<number | null, number>();
  for (const [said, devices] of fleet.trustVersions) {
    const version = knownVersion(said, newest);
    counts.set(version, (counts.get(version) ?? 0) + devices);
  }
  const versions = [...counts].map(([trustVersion, devices]) => ({ trustVersion, devices }));
  versions.sort((a, b) => (b.trustVersion ?? -1) - (a.trustVersion ?? -1));
  if (left === null) return { versions, starterLeftIn: left, behind: { total: 0, items: [] } };
  const isBehind = (version: number | null): boolean => version === null || version < left;
  const total = versions.reduce((sum, { trustVersion, devices }) => sum + (isBehind(trustVersion) ? devices : 0), 0);
  const found = total === 0 ? [] : firstByName(fleet, (device) => isBehind(versionOf(device, newest)));
  const items = found.map((device) => ({
    device: device.row.id,
    name: device.row.name,
    trustVersion: versionOf(device, newest),
    lastHeardAt: device.state?.lastHeardAt ?? null,
  }));
  return { versions, starterLeftIn: left, behind: { total, items } };
}

const knownVersion = (said: number | null, newest: number): number | null =>
  said === null || said > newest ? null : said;
const versionOf = ({ state }: FleetDevice, newest: number): number | null =>
  knownVersion(state?.trust?.trustVersion ?? null, newest);

/** A walk over all devices that keeps few of them: it is asked for by people, and only while some are behind. */
function firstByName(fleet: Fleet, wanted: (device: FleetDevice) => boolean): FleetDevice[] {
  let kept: FleetDevice[] = [];
  for (const device of fleet.all()) {
    if (device.row.standing !== "accepted" || !wanted(device)) continue;
    kept.push(device);
    if (kept.length >= 10 * LISTED_MAX) kept = kept.sort(byName).slice(0, LISTED_MAX);
  }
  return kept.sort(byName).slice(0, LISTED_MAX);
}

const byName = ({ row: a }: FleetDevice, { row: b }: FleetDevice): number =>
  a.name === b.name ? (a.id < b.id ? -1 : 1) : a.name < b.name ? -1 : 1;
