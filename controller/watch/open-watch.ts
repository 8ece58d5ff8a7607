/**
 * Begins detection, or goes on where it was saved. What is there when it begins is old: it is not under test, because nobody
 * knows how the fleet fared without it.
 */
import type { DeviceId } from "../../protocol/ids.ts";
import type { Instant } from "../../protocol/time.ts";
import type { Detector, DetectorSettings } from "../detection/types.ts";
import type { Fleet, FleetDevice } from "../fleet/fleet.ts";
import type { Store } from "../store.ts";
import type { DetectionDevice, DetectionExposure, DetectionRow } from "../store/detection.ts";
import type { Cursor } from "../store/feed.ts";
import { FIELD, KnownDevices } from "./known-devices.ts";
import { untoldNews } from "./gateway-news.ts";
import { Names } from "./names.ts";
import { Teller } from "./teller.ts";
import { type MakeDetector, Watch, type WatchParts } from "./watch.ts";
import { WrittenTimes } from "./written-times.ts";

const PAGE = 5_000;

const MINUTE_MS = 60_000;
/** In the detector's time: its pace may be another. The knowledge behind each: knowledge of the method, in docs. */
const SETTINGS: DetectorSettings = { alpha: 0.05, heartbeatMs: 20_000, silenceMs: 10 * MINUTE_MS, keepsChanges: true };

/** What a detector saves that was told nothing, and so also one that could not read its memory. */
const NOTHING_TOLD = "null";

export interface WatchStart {
  readonly store: Pick<Store, "detection" | "detectionDevicesAfter" | "detectionExposuresAfter" | "gateways">;
  readonly fleet: Fleet;
  readonly makeDetector: MakeDetector;
  /** Where the feed is read from when detection begins. */
  readonly cursor: Cursor;
  readonly now: Instant;
  readonly pace: number;
}

export async function openWatch(start: WatchStart): Promise<Watch> {
  const row = await start.store.detection();
  const names = row === undefined ? undefined : Names.parse(row.names);
  // At another pace the numbers mean something else, and of another layout nothing can be read: it begins anew.
  if (row === undefined || names === undefined || names.pace !== start.pace) return begin(start);
  const detector = start.makeDetector(SETTINGS, row.memory);
  if (row.memory !== NOTHING_TOLD && detector.save() === NOTHING_TOLD) return begin(start);
  return goOn(start, row, names, detector);
}

function begin({ fleet, makeDetector, cursor, now, pace }: WatchStart): Watch {
  const devices = [...fleet.all()];
  const parts = emptyParts(makeDetector(SETTINGS), new Names(pace), { ...cursor }, null, null);
  for (const device of devices) add(parts, device, now);
  return new Watch(parts, (id) => fleet.get(id), now);
}

async function goOn(
  { store, fleet, now }: WatchStart,
  row: DetectionRow,
  names: Names,
  detector: Detector,
): Promise<Watch> {
  const rows = new Map<DeviceId, DetectionDevice>();
  for (let after = -1; ; ) {
    const page = await store.detectionDevicesAfter(after, PAGE);
    for (const device of page) rows.set(device.device, device);
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) break;
    after = last.slot;
  }
  const deaf = { from: row.at, until: now };
  const parts = emptyParts(detector, names, { ...row.cursor }, deaf, rows.size);
  for (const device of inOrder(fleet, rows)) add(parts, device, now, rows.get(device.row.id));
  await restoreExposures(store, parts);
  tellUndated(parts, row.at);
  for (let slot = 0; slot < parts.known.size; slot++)
    parts.resting[slot] = parts.known.get(slot, FIELD.gateway) === 0 ? 0 : 1;
  const watch = new Watch(parts, (id) => fleet.get(id), now);
  for (const news of untoldNews(await store.gateways(), names.all("gateways"), row.at, now)) watch.tellGateway(news);
  return watch;
}

/** As they were numbered. Those that came after the save are told by the feed, as they were the first time. */
function inOrder(fleet: Fleet, rows: ReadonlyMap<DeviceId, DetectionDevice>): readonly FleetDevice[] {
  const ordered: FleetDevice[] = [];
  for (const device of fleet.all()) {
    const slot = rows.get(device.row.id)?.slot;
    if (slot !== undefined) ordered[slot] = device;
  }
  return ordered;
}

async function restoreExposures(store: WatchStart["store"], { detector, known, names, written, slots }: WatchParts) {
  for (let after: DetectionExposure | null = null; ; ) {
    const page: readonly DetectionExposure[] = await store.detectionExposuresAfter(after, PAGE);
    for (const { device, version, writtenAt } of page) {
      const slot = slots.get(device);
      if (slot === undefined) continue;
      detector.restoreExposure(slot, version, writtenAt);
      const holds = known.content(slot).some((item) => names.item(item).version === version);
      if (holds) written.set(version, slot, writtenAt / names.pace);
    }
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    after = last;
  }
}

/** What lies on a disk and has no date is not stored as an exposure: nobody knows since when it is there. */
function tellUndated({ detector, known, names, written }: WatchParts, at: number): void {
  for (let slot = 0; slot < known.size; slot++) {
    for (const item of known.content(slot)) {
      const { version } = names.item(item);
      if (names.version(version)?.isOld !== false || written.get(version, slot) !== undefined) continue;
      written.set(version, slot, null);
      detector.exposed(at * names.pace, slot, version, null);
    }
  }
}

function emptyParts(
  detector: Detector,
  names: Names,
  position: Record<string, number>,
  deaf: WatchParts["deaf"],
  saved: number | null,
): WatchParts {
  const known = new KnownDevices();
  const resting = new Uint8Array(saved ?? 0);
  const books = { known, written: new WrittenTimes(), resting, ids: [], slots: new Map() };
  return { detector, names, ...books, position, deaf, isNew: saved === null };
}

function add(parts: WatchParts, device: FleetDevice, now: number, row?: DetectionDevice): void {
  const { detector, names, known, ids, slots } = parts;
  const slot = known.add();
  ids.push(device.row.id);
  slots.set(device.row.id, slot);
  const teller = new Teller(parts);
  if (row !== undefined) known.restore(slot, row.known);
  else {
    known.set(slot, FIELD.reportedAt, device.state?.lastHeardAt ?? 0);
    if (device.state !== null && device.state.boot !== null) teller.takeMachine(slot, device.state.boot);
    const content = device.state?.content ?? [];
    const items = content.map((version) => names.itemOf(oldVersion(parts, version, now), version.path));
    known.setContent(slot, items);
  }
  const facts = teller.facts(slot, device);
  const told =
    row?.memory === null || row === undefined ? detector.addDevice(facts) : detector.addDevice(facts, row.memory);
  if (told !== slot) throw new Error("the detector numbers devices otherwise");
  if (!device.counts) detector.setCounts(slot, false);
}

type Version = NonNullable<FleetDevice["state"]>["content"][number];

function oldVersion({ names, detector }: WatchParts, { source, sha256, label }: Version, now: number): number {
  const known = names.numberOf({ source, sha256 });
  if (known !== undefined) return known;
  detector.addVersion(now * names.pace, true);
  return names.addVersion({ source, sha256, label, isOld: true });
}
