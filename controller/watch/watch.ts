/**
 * The detector, fed from the change feed: in the order of time over all streams, evaluated on its own grid of moments, and
 * saved with its place in the feed.
 *
 * So the same feed gives the same numbers, whoever reads it and however often he begins again: nothing depends on when a
 * turn of the orchestrator happened to come. The price is `SETTLE_MS`.
 */
import type { DeviceId } from "../../protocol/ids.ts";
import type { Detector, DetectorSettings, Finding } from "../detection/types.ts";
import type { FleetDevice } from "../fleet/fleet.ts";
import type { DetectionSave } from "../store/detection.ts";
import type { Change } from "../store/feed.ts";
import type { GatewayNews } from "./gateway-news.ts";
import { KnownDevices } from "./known-devices.ts";
import { Names } from "./names.ts";
import { Teller } from "./teller.ts";
import { type Batch, Unsaved } from "./unsaved.ts";
import { WrittenTimes } from "./written-times.ts";

/** What is received now may stand in the feed a moment later; until then nothing after it is told. */
const SETTLE_MS = 1_000;
/** While pages of the feed are still being read, the streams are not level; beyond this many it goes on anyway. */
const PENDING_MAX = 20_000;

export type MakeDetector = (settings: DetectorSettings, memory?: string) => Detector;
/** What is to be stored, under whoever leads. */
type WatchSave = Omit<DetectionSave, "leaderEpoch" | "shown" | "hasParts">;
export interface CollectedSave {
  /** All but the rows. */
  readonly head: Omit<WatchSave, "devices" | "exposures">;
  readonly batch: Batch;
}

export interface WatchParts {
  readonly detector: Detector;
  readonly names: Names;
  readonly known: KnownDevices;
  readonly written: WrittenTimes;
  /** By slot, 1: it was connected when this was saved. Detection counts it as gone until its gateway is heard to go on. */
  readonly resting: Uint8Array;
  /** By slot. */
  readonly ids: DeviceId[];
  readonly slots: Map<DeviceId, number>;
  readonly position: Record<string, number>;
  /** Since when nobody listened, if this goes on where another one ended. */
  readonly deaf: { readonly from: number; readonly until: number } | null;
  /** Nothing of it is stored yet. */
  readonly isNew: boolean;
}

/** What the feed says, or what is known of a gateway: then without a sequence. */
type Pending =
  | { readonly at: number; readonly stream: string; readonly sequence: number; readonly change: Change }
  | { readonly at: number; readonly stream: string; readonly sequence: 0; readonly news: GatewayNews };

export class Watch {
  readonly detector: Detector;
  readonly names: Names;
  private readonly parts: WatchParts;
  private readonly teller: Teller;
  private readonly deviceOf: (id: DeviceId) => FleetDevice | undefined;
  private pending: Pending[] = [];
  /** Of those. */
  private earliestAt = Infinity;
  private readonly streamAt = new Map<string, number>();
  private readonly position: Record<string, number>;
  private readonly countsNot = new Set<number>();
  private deaf: WatchParts["deaf"];
  private reached: number;
  private isSaved: boolean;
  private readonly unsaved: Unsaved;
  /** Microseconds are too coarse for one; for the bench and the metrics. */
  readonly counters = { told: 0 };

  constructor(parts: WatchParts, deviceOf: (id: DeviceId) => FleetDevice | undefined, at: number) {
    this.parts = parts;
    this.detector = parts.detector;
    this.names = parts.names;
    this.teller = new Teller(parts);
    this.unsaved = new Unsaved(parts);
    this.position = parts.position;
    this.deaf = parts.deaf;
    this.deviceOf = deviceOf;
    this.reached = parts.deaf?.from ?? at;
    this.isSaved = !parts.isNew;
  }

  /** Up to where the feed is told. */
  get cursor(): Readonly<Record<string, number>> {
    return this.position;
  }

  /** Changes that were read; those that are told already are passed over. */
  take(changes: readonly Change[]): void {
    for (const change of changes) {
      const { stream, sequence, at } = change;
      const last = this.pendingEnd.get(stream) ?? this.position[stream] ?? 0;
      if (sequence <= last) continue;
      this.pendingEnd.set(stream, sequence);
      const ordered = Math.max(at, this.streamAt.get(stream) ?? 0); // a stream keeps its own order
      this.streamAt.set(stream, ordered);
      this.wait({ at: ordered, stream, sequence, change });
    }
  }

  /** Told in the order of time, among what the feed says. */
  tellGateway(news: GatewayNews): void {
    this.wait({ at: news.at, stream: news.stream, sequence: 0, news });
  }

  private wait(pending: Pending): void {
    this.pending.push(pending);
    this.earliestAt = Math.min(this.earliestAt, pending.at);
  }
  private readonly pendingEnd = new Map<string, number>();

  /** Tells what is settled by `now` and evaluates what is due. @param more the feed goes on: streams are not level yet */
  settle(now: number, more: boolean): readonly Finding[] {
    if (more && this.pending.length < PENDING_MAX) return [];
    const until = now - SETTLE_MS;
    const findings: Finding[] = [];
    if (this.earliestAt <= until) {
      this.pending.sort(byTime);
      const end = this.pending.findIndex(({ at }) => at > until);
      for (const pending of this.pending.splice(0, end < 0 ? this.pending.length : end)) {
        this.reach(pending.at, findings);
        const at = Math.max(pending.at, this.reached);
        if ("news" in pending) this.tellNews(pending.news, at);
        else {
          this.tell(pending.change, at);
          this.position[pending.stream] = pending.sequence;
        }
      }
      this.earliestAt = this.pending[0]?.at ?? Infinity;
    }
    if (!more) this.reach(until, findings);
    return findings.map((finding) => this.unpaced(finding));
  }

  /** What has changed since the last save, as it is now: what is told from here on is for the next one. */
  collect(rowsMax: number): CollectedSave {
    const batch = this.unsaved.collect(rowsMax);
    const head = {
      at: Math.floor(this.reached) as WatchSave["at"],
      cursor: { ...this.position },
      names: this.names.stringify(),
      memory: this.detector.save(),
      cleared: batch.cleared,
      retired: batch.retired,
      anew: !this.isSaved,
    };
    return { head, batch };
  }

  saved(): void {
    this.isSaved = true;
  }

  notSaved({ batch }: CollectedSave): void {
    this.unsaved.putBack(batch);
  }

  private tell(change: Change, at: number): void {
    const device = this.deviceOf(change.deviceId);
    if (device === undefined) return;
    const slot = this.slotOf(device);
    this.unsaved.note(slot);
    this.counters.told++;
    this.teller.tell(slot, device, change, at);
    if (device.counts === !this.countsNot.has(slot)) return;
    if (device.counts) this.countsNot.delete(slot);
    else this.countsNot.add(slot);
    this.detector.setCounts(slot, device.counts);
  }

  private tellNews(news: GatewayNews, at: number): void {
    const gateway = this.names.find("gateways", news.stream);
    if (gateway === undefined) return; // nobody was ever connected to it
    if (news.kind === "goes-on") this.teller.goOn(at, gateway);
    else this.detector.deaf(this.paced(at), this.paced(Math.min(news.from, at)), gateway);
    if (news.kind === "lost")
      for (const slot of this.teller.giveUp(at, Math.min(news.from, at), gateway)) this.unsaved.note(slot);
  }

  private slotOf(device: FleetDevice): number {
    const { slots, ids, known } = this.parts;
    const { id } = device.row;
    const slot = slots.get(id);
    if (slot !== undefined) return slot;
    const added = known.add();
    ids.push(id);
    slots.set(id, added);
    if (this.detector.addDevice(this.teller.facts(added, device)) !== added)
      throw new Error("the detector numbers devices otherwise");
    return added;
  }

  /** Evaluates what is due before `at`, at the moments at which it falls due. */
  private reach(at: number, findings: Finding[]): void {
    const { detector, deaf } = this;
    if (deaf !== null && at >= deaf.until) {
      this.deaf = null;
      detector.deaf(this.paced(deaf.until), this.paced(Math.max(deaf.from, this.reached)), null);
      this.reached = Math.max(this.reached, deaf.until);
    }
    const end = this.paced(at);
    for (let due = detector.wakeAt; due !== null && due <= end; ) {
      findings.push(...detector.advance(Math.max(due, this.paced(this.reached))));
      const next = detector.wakeAt;
      if (next !== null && next <= due) break; // it stands still: what is left is due at the next moment
      due = next;
    }
    this.reached = Math.max(this.reached, at);
  }

  private paced(time: number): number {
    return time * this.names.pace;
  }
  private unpaced(finding: Finding): Finding {
    return { ...finding, at: finding.at / this.names.pace };
  }
}

const byTime = (a: Pending, b: Pending): number =>
  a.at - b.at || (a.stream < b.stream ? -1 : a.stream > b.stream ? 1 : a.sequence - b.sequence);
