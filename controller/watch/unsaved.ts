/**
 * What has changed since the last save that was confirmed. A save of a million devices is too much for one message or one
 * transaction, so rows are made when they are asked for; whoever saves tells the detector nothing until all are made.
 */
import type { DeviceId } from "../../protocol/ids.ts";
import type { Detector } from "../detection/types.ts";
import type { DetectionDevice, DetectionExposure } from "../store.ts";
import type { KnownDevices } from "./known-devices.ts";
import type { WrittenTimes } from "./written-times.ts";

interface Books {
  readonly detector: Detector;
  readonly known: KnownDevices;
  readonly written: WrittenTimes;
  readonly ids: readonly DeviceId[];
}
interface Rows {
  readonly devices: readonly DetectionDevice[];
  readonly exposures: readonly DetectionExposure[];
}
interface ExposureKey {
  readonly device: number;
  readonly version: number;
}

const KNOWN = 1;
/** The detector remembers something new of it. */
const MEMORY = 2;
const keyOf = ({ version, device }: ExposureKey): number => version * 2 ** 32 + device;

export class Unsaved {
  private readonly books: Books;
  private slots: number[] = [];
  /** By slot, what of it has changed: a million are noted in milliseconds. */
  private marks = new Uint8Array(1_024);
  private exposures = new Map<number, ExposureKey & { readonly writtenAt: number }>();
  private cleared = new Map<number, ExposureKey>();
  private retired = new Set<number>();

  constructor(books: Books) {
    this.books = books;
  }

  note(slot: number): void {
    this.mark(slot, KNOWN);
  }

  private mark(slot: number, what: number): void {
    if (slot >= this.marks.length) {
      const larger = new Uint8Array(Math.max(slot + 1, this.marks.length * 2));
      larger.set(this.marks);
      this.marks = larger;
    }
    const before = this.marks[slot] as number;
    if (before === 0) this.slots.push(slot);
    this.marks[slot] = before | what;
  }

  /** Takes from the detector what it has collected. @returns how many rows there are */
  collect(): number {
    const { devices, exposures, cleared, retired } = this.books.detector.drainChanges();
    for (const device of devices) this.mark(device, KNOWN | MEMORY);
    for (const exposure of exposures) {
      const key = keyOf(exposure);
      this.exposures.set(key, exposure);
      this.cleared.delete(key);
    }
    for (const over of cleared) {
      // What was cleared and came again is told by the teller's own book, which is always right.
      if (this.books.written.get(over.version, over.device) !== undefined) continue;
      const key = keyOf(over);
      this.exposures.delete(key);
      this.cleared.set(key, over);
    }
    for (const version of retired) this.retired.add(version);
    return this.slots.length + this.exposures.size;
  }

  /** All rows, in parts of at most so many. */
  *rows(rowsMax: number): Generator<Rows> {
    let devices: DetectionDevice[] = [];
    for (const slot of this.slots) {
      devices.push(this.rowOf(slot));
      if (devices.length < rowsMax) continue;
      yield { devices, exposures: [] };
      devices = [];
    }
    let exposures: DetectionExposure[] = [];
    for (const { device, version, writtenAt } of this.exposures.values()) {
      exposures.push({ device: this.idOf(device), version, writtenAt });
      if (devices.length + exposures.length < rowsMax) continue;
      yield { devices, exposures };
      devices = [];
      exposures = [];
    }
    if (devices.length + exposures.length > 0) yield { devices, exposures };
  }

  /** What is over. */
  ends(): {
    readonly cleared: readonly Pick<DetectionExposure, "device" | "version">[];
    readonly retired: readonly number[];
  } {
    const cleared = [...this.cleared.values()].map(({ device, version }) => ({ device: this.idOf(device), version }));
    return { cleared, retired: [...this.retired] };
  }

  saved(): void {
    this.slots = [];
    this.marks.fill(0);
    this.exposures = new Map();
    this.cleared = new Map();
    this.retired = new Set();
  }

  private rowOf(slot: number): DetectionDevice {
    const { detector, known } = this.books;
    const memory = ((this.marks[slot] as number) & MEMORY) === 0 ? null : detector.deviceMemory(slot);
    return { device: this.idOf(slot), slot, known: known.row(slot), memory };
  }

  private idOf(slot: number): DeviceId {
    return this.books.ids[slot] as DeviceId; // every slot has an id
  }
}
