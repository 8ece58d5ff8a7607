/**
 * Tells the detector what a change of the feed means: who is there, what lies on which disk since when, who crashed.
 *
 * Invariant: everything it knows of a device is in `KnownDevices`, which is stored with the detector's memory and the
 * place in the feed; so a teller that starts there and hears the rest says exactly what this one would have said.
 */
import type { BootReport } from "../../protocol/boot.ts";
import type { ContentChange, ContentVersion } from "../../protocol/content.ts";
import type { Detector, DeviceFacts } from "../detection/types.ts";
import type { FleetDevice } from "../fleet/fleet.ts";
import type { Change, Presence } from "../store/feed.ts";
import { between, noteBoot, noteTime, ourTime } from "./clocks.ts";
import { crashesIn } from "./crashes.ts";
import { CHASSES, FIELD, GOODBYES, type KnownDevices } from "./known-devices.ts";
import { classOf, machineOf } from "./machines.ts";
import type { Names } from "./names.ts";
import { pointsAt } from "./products.ts";
import type { WrittenTimes } from "./written-times.ts";

/** What was written right before a crash was written before it. */
const JUST_BEFORE_MS = 100;
/** A machine that crashed may have lived on so long unheard: what is younger came when it was up again. */
const UNHEARD_MS = 60_000;

export interface Told {
  readonly detector: Detector;
  readonly names: Names;
  readonly known: KnownDevices;
  readonly written: WrittenTimes;
  readonly resting: Uint8Array;
}

export class Teller {
  private readonly told: Told;

  constructor(told: Told) {
    this.told = told;
  }

  facts(slot: number, { row: { site, role } }: Pick<FleetDevice, "row">): DeviceFacts {
    const { names, known } = this.told;
    return {
      site: names.of("sites", site),
      region: known.get(slot, FIELD.zone),
      segment: known.get(slot, FIELD.segment),
      os: known.get(slot, FIELD.system),
      model: known.get(slot, FIELD.model),
      class: classOf(role, CHASSES[known.get(slot, FIELD.chassis) - 1] ?? null),
    };
  }

  /** What the machine is, as far as its boot report says it. @returns true if that is news */
  takeMachine(slot: number, boot: Pick<BootReport, "machine">): boolean {
    const { names, known } = this.told;
    const { system, model, chassis, zone } = machineOf(boot);
    const said = [
      [FIELD.system, system === null ? 0 : names.of("systems", system)],
      [FIELD.model, model === null ? 0 : names.of("models", model)],
      [FIELD.zone, zone === null ? 0 : names.of("zones", zone)],
      [FIELD.chassis, chassis === null ? 0 : CHASSES.indexOf(chassis) + 1],
    ] as const;
    const news = said.filter(([field, value]) => value !== 0 && known.get(slot, field) !== value);
    for (const [field, value] of news) known.set(slot, field, value);
    return news.length > 0;
  }

  /** @param at the controller's time, never earlier than what was told before */
  tell(slot: number, device: FleetDevice, { body, stream }: Change, at: number): void {
    const { known, detector } = this.told;
    switch (body.kind) {
      case "registered":
        detector.changeDevice(slot, this.facts(slot, device));
        return;
      case "standing":
        return; // `counts` says it
      case "connected":
        this.connected(slot, device, body, this.told.names.of("gateways", stream), at);
        return;
      case "dropped":
        // Who has come back by way of another gateway is there, whatever the one before finds out later.
        if (known.get(slot, FIELD.gateway) === this.told.names.find("gateways", stream))
          this.dropped(slot, at, body.lastHeardAt ?? at);
        return;
      case "leaving":
        known.set(slot, FIELD.reportedAt, at);
        if (known.get(slot, FIELD.gateway) === 0) return;
        this.gone(slot, at, GOODBYES.indexOf(body.reason) + 1);
        detector.gone(this.paced(at), slot, body.reason, this.paced(at));
        return;
      case "content-changed":
        this.contentChanged(slot, body.entry, at);
        break;
      case "boot-began":
        this.booted(slot, device, body.boot, at);
        break;
      case "boot-healthy":
      case "order-accepted":
      case "order-refused":
      case "step-progress":
      case "order-ended":
      case "trust-changed":
      case "trust-refused":
      case "emergency":
      case "hold-changed":
        break;
    }
    known.set(slot, FIELD.reportedAt, at);
  }

  // ---- presence ----------------------------------------------------------------------------------------------------

  private connected(
    slot: number,
    device: FleetDevice,
    { segment, replacedHeardAt }: Extract<Presence, { kind: "connected" }>,
    gateway: number,
    at: number,
  ): void {
    const { names, known, detector, resting } = this.told;
    // Nobody had noticed that it was gone, so it had not said goodbye either.
    if (replacedHeardAt !== undefined && known.get(slot, FIELD.gateway) !== 0)
      this.dropped(slot, at, Math.min(replacedHeardAt, at));
    const number = segment === undefined ? 0 : names.of("segments", segment);
    if (number !== known.get(slot, FIELD.segment)) {
      known.set(slot, FIELD.segment, number);
      detector.changeDevice(slot, this.facts(slot, device));
    }
    // A gateway that was taken for dead says again who is there, also of those that nobody took for gone.
    if (known.get(slot, FIELD.gateway) === gateway && resting[slot] !== 1) return;
    resting[slot] = 0;
    known.set(slot, FIELD.gateway, gateway);
    detector.online(this.paced(at), slot, gateway);
  }

  private dropped(slot: number, at: number, lastHeardAt: number): void {
    // A gateway counts in beats and so may say too early a time; whoever reported was heard, and what he took was there.
    const heardAt = Math.min(Math.max(lastHeardAt, this.told.known.get(slot, FIELD.reportedAt)), at);
    this.gone(slot, heardAt, 0);
    this.told.detector.gone(this.paced(at), slot, "dropped", this.paced(heardAt));
  }

  /** Nobody listens to those of a gateway that is lost: they count as present no more, and nothing is made of it. */
  giveUp(at: number, from: number, gateway: number): readonly number[] {
    const { known, detector, resting } = this.told;
    const given = this.of(gateway);
    for (const slot of given) {
      resting[slot] = 0;
      known.set(slot, FIELD.gateway, 0);
      const heardAt = Math.max(from, known.get(slot, FIELD.reportedAt)); // a report is a sign of its gateway's life, too
      detector.gone(this.paced(at), slot, "service-stop", this.paced(Math.min(heardAt, at)));
    }
    return given;
  }

  /** Its machines, which were connected when this was saved, have been all the time. */
  goOn(at: number, gateway: number): void {
    const { detector, resting } = this.told;
    for (const slot of this.of(gateway)) {
      if (resting[slot] !== 1) continue;
      resting[slot] = 0;
      detector.online(this.paced(at), slot, gateway);
    }
  }

  private of(gateway: number): readonly number[] {
    const { known } = this.told;
    const found: number[] = [];
    for (let slot = 0; slot < known.size; slot++) if (known.get(slot, FIELD.gateway) === gateway) found.push(slot);
    return found;
  }

  private gone(slot: number, heardAt: number, goodbye: number): void {
    const { known, resting } = this.told;
    resting[slot] = 0;
    known.set(slot, FIELD.gateway, 0);
    known.set(slot, FIELD.goneAt, heardAt);
    known.set(slot, FIELD.goodbye, goodbye);
  }

  // ---- contents ----------------------------------------------------------------------------------------------------

  private contentChanged(slot: number, { change, noticedAt, version }: ContentChange, at: number): void {
    const { names, known } = this.told;
    noteTime(known, slot, noticedAt, at);
    const number = this.numberOf(version, at);
    const item = names.itemOf(number, version.path);
    const before = known.content(slot);
    const { path } = names.item(item);
    if (change === "disappeared") {
      this.hold(
        slot,
        before.filter((each) => each !== item),
        at,
        null,
      );
      return;
    }
    const reportedAt = known.get(slot, FIELD.reportedAt);
    // Before its first report nobody knows when anything was.
    const writtenAt = reportedAt === 0 ? null : between(ourTime(known, slot, noticedAt), reportedAt, at);
    this.hold(slot, [...before.filter((each) => names.item(each).path !== path), item], at, writtenAt);
  }

  private booted(slot: number, device: FleetDevice, boot: BootReport, at: number): void {
    const { names, known, detector, written } = this.told;
    noteBoot(known, slot, boot.bootedAt + boot.uptimeMs, at);
    if (this.takeMachine(slot, boot)) detector.changeDevice(slot, this.facts(slot, device));
    const reportedAt = known.get(slot, FIELD.reportedAt);
    const goneAt = known.get(slot, FIELD.goneAt);
    const seen = {
      reportedAt,
      goneAt,
      saidGoodbye: known.get(slot, FIELD.goodbye) !== 0,
      ourTime: (deviceTime: number) => ourTime(known, slot, deviceTime),
    };
    // What was before the first report is nobody's to judge: what lay on the disk then is not known.
    const crashes = reportedAt === 0 ? [] : crashesIn(boot, at, seen);
    const until = crashes[0]?.crashedAt ?? at;
    const dated = (version: ContentVersion): number | null => {
      if (reportedAt === 0) return null; // what it had when it was first heard it may have had for long
      const fileTime = ourTime(known, slot, version.modifiedAt);
      if (fileTime > reportedAt && fileTime < until) return fileTime;
      // An update that waited for the next start would be blamed for every crash that made the machine start again.
      if (crashes.length > 0 && fileTime > until + UNHEARD_MS && fileTime <= at) return fileTime;
      return between(goneAt > 0 ? goneAt : at, reportedAt, Math.max(reportedAt, until - JUST_BEFORE_MS));
    };
    const items = boot.content.map((version) => names.itemOf(this.numberOf(version, at), version.path));
    const times = new Map(boot.content.map((version, i) => [items[i] ?? -1, dated(version)]));
    this.hold(slot, items, at, (item) => times.get(item) ?? null);
    const versions = [...new Set(items.map((item) => names.item(item).version))].filter((each) => !this.isOld(each));
    for (const { signal, crashedAt } of crashes) {
      const content = versions.flatMap((version) => {
        const writtenAt = written.get(version, slot);
        if (writtenAt === undefined || (writtenAt !== null && writtenAt > crashedAt)) return [];
        return [{ version, writtenAt: writtenAt === null ? null : this.paced(writtenAt) }];
      });
      const suspect = signal === "bugcheck" ? this.suspectOf(boot, versions, slot) : null;
      detector.crashed(this.paced(at), slot, { signal, crashedAt: this.paced(crashedAt), content, pointsAt: suspect });
    }
    known.set(slot, FIELD.goneAt, 0);
    known.set(slot, FIELD.goodbye, 0);
  }

  /** The newest version on the disk of the product that the newest dump points at. */
  private suspectOf(boot: BootReport, versions: readonly number[], slot: number): number | null {
    const dump = boot.evidence?.crashDumps.findLast(({ suspect }) => suspect !== null);
    const driver = dump?.suspect?.driver;
    if (driver === undefined) return null;
    const { names, written } = this.told;
    const ofProduct = versions.filter((each) => {
      const version = names.version(each);
      return version !== undefined && pointsAt(driver, version.source);
    });
    const since = (version: number): number => written.get(version, slot) ?? 0;
    return ofProduct.toSorted((a, b) => since(b) - since(a))[0] ?? null;
  }

  /** From now on these items lie on the disk. @param since when one that is new there was written */
  private hold(
    slot: number,
    items: readonly number[],
    at: number,
    since: number | null | ((item: number) => number | null),
  ): void {
    const { names, known, detector, written } = this.told;
    const before = new Set(known.content(slot));
    const after = new Set(items);
    known.setContent(slot, items);
    const stays = new Set(items.map((item) => names.item(item).version));
    for (const item of before) {
      const { version } = names.item(item);
      if (after.has(item) || stays.has(version) || this.isOld(version)) continue;
      written.clear(version, slot);
      detector.cleared(this.paced(at), slot, version);
    }
    for (const item of after) {
      const { version } = names.item(item);
      if (before.has(item) || this.isOld(version) || written.get(version, slot) !== undefined) continue;
      const writtenAt = typeof since === "function" ? since(item) : since;
      written.set(version, slot, writtenAt);
      detector.exposed(this.paced(at), slot, version, writtenAt === null ? null : this.paced(writtenAt));
    }
  }

  private numberOf({ source, sha256, label }: ContentVersion, at: number): number {
    const { names, detector } = this.told;
    const known = names.numberOf({ source, sha256 });
    if (known !== undefined) return known;
    const number = names.addVersion({ source, sha256, label, isOld: false });
    const told = detector.addVersion(this.paced(at));
    if (told !== number) throw new Error(`the detector numbers versions otherwise: ${told}, not ${number}`);
    return number;
  }

  private isOld(version: number): boolean {
    return this.told.names.version(version)?.isOld === true;
  }

  private paced(time: number): number {
    return time * this.told.names.pace;
  }
}
