/**
 * What has changed since the last save. A save of a million devices is too much for one message or one transaction, so it
 * is made in parts, of things as they were when it began: detection goes on meanwhile.
 */
import type { DeviceId } from "../../protocol/ids.ts";
import type { Detector, DeviceMemory } from "../detection/types.ts";
import type { DetectionDevice, DetectionExposure } from "../store/detection.ts";
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

/** What is to be stored, and what is over. */
export interface Batch {
  /** Of them, the rows of one transaction each. */
  readonly parts: Iterable<Rows>;
  readonly isOnePart: boolean;
  readonly cleared: readonly Pick<DetectionExposure, "device" | "version">[];
  readonly retired: readonly number[];
  readonly notes: Notes;
}

const KNOWN = 1;
/** The detector remembers something new of it. */
const MEMORY = 2;
const keyOf = ({ version, device }: ExposureKey): number => version * 2 ** 32 + device;

class Notes {
  readonly slots: number[] = [];
  readonly exposures = new Map<number, ExposureKey & { readonly writtenAt: number }>();
  readonly cleared = new Map<number, ExposureKey>();
  readonly retired = new Set<number>();
  /** By slot, what of it has changed: a million are noted in milliseconds. */
  private marks = new Uint8Array(1_024);

  mark(slot: number, what: number): void {
    if (slot >= this.marks.length) {
      const larger = new Uint8Array(Math.max(slot + 1, this.marks.length * 2));
      larger.set(this.marks);
      this.marks = larger;
    }
    const before = this.marks[slot] as number;
    if (before === 0) this.slots.push(slot);
    this.marks[slot] = before | what;
  }
  isRemembered(slot: number): boolean {
    return ((this.marks[slot] as number) & MEMORY) !== 0;
  }

  /** Takes in what was noted before this: what is newer stays. */
  addOlder(older: Notes): void {
    for (const slot of older.slots) this.mark(slot, older.marks[slot] as number);
    for (const [key, exposure] of older.exposures) {
      if (!this.exposures.has(key) && !this.cleared.has(key)) this.exposures.set(key, exposure);
    }
    for (const [key, over] of older.cleared) if (!this.exposures.has(key)) this.cleared.set(key, over);
    for (const version of older.retired) this.retired.add(version);
  }
}

export class Unsaved {
  private readonly books: Books;
  private notes = new Notes();

  constructor(books: Books) {
    this.books = books;
  }

  note(slot: number): void {
    this.notes.mark(slot, KNOWN);
  }

  /** Everything until now; `putBack` where it could not be stored. @param rowsMax of a part */
  collect(rowsMax: number): Batch {
    this.drain();
    const notes = this.notes;
    this.notes = new Notes();
    const isOnePart = notes.slots.length + notes.exposures.size <= rowsMax;
    const { detector, known } = this.books;
    const parts = isOnePart
      ? [
          ...this.rowsOf(
            notes,
            rowsMax,
            (slot) => known.row(slot),
            (slot) => detector.deviceMemory(slot),
          ),
        ]
      : this.rowsOf(notes, rowsMax, known.rows(), detector.memories());
    const cleared = [...notes.cleared.values()].map(({ device, version }) => ({ device: this.idOf(device), version }));
    return { parts, isOnePart, cleared, retired: [...notes.retired], notes };
  }

  putBack({ notes }: Batch): void {
    this.notes.addOlder(notes);
  }

  /** Takes from the detector what it has collected. */
  private drain(): void {
    const { notes } = this;
    const { devices, exposures, cleared, retired } = this.books.detector.drainChanges();
    for (const device of devices) notes.mark(device, KNOWN | MEMORY);
    for (const exposure of exposures) {
      const key = keyOf(exposure);
      notes.exposures.set(key, exposure);
      notes.cleared.delete(key);
    }
    for (const over of cleared) {
      // What was cleared and came again is told by the teller's own book, which is always right.
      if (this.books.written.get(over.version, over.device) !== undefined) continue;
      const key = keyOf(over);
      notes.exposures.delete(key);
      notes.cleared.set(key, over);
    }
    for (const version of retired) notes.retired.add(version);
  }

  private *rowsOf(
    notes: Notes,
    rowsMax: number,
    knownOf: (slot: number) => readonly number[],
    memoryOf: (slot: number) => DeviceMemory,
  ): Generator<Rows> {
    let devices: DetectionDevice[] = [];
    for (const slot of notes.slots) {
      const memory = notes.isRemembered(slot) ? memoryOf(slot) : null;
      devices.push({ device: this.idOf(slot), slot, known: knownOf(slot), memory });
      if (devices.length < rowsMax) continue;
      yield { devices, exposures: [] };
      devices = [];
    }
    let exposures: DetectionExposure[] = [];
    for (const { device, version, writtenAt } of notes.exposures.values()) {
      exposures.push({ device: this.idOf(device), version, writtenAt });
      if (devices.length + exposures.length < rowsMax) continue;
      yield { devices, exposures };
      devices = [];
      exposures = [];
    }
    if (devices.length + exposures.length > 0) yield { devices, exposures };
  }

  private idOf(slot: number): DeviceId {
    return this.books.ids[slot] as DeviceId; // every slot has an id
  }
}
