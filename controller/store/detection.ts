/**
 * What detection remembers, saved whole or not at all.
 *
 * What is too much for one transaction is staged in parts, and counts from the save on that says so.
 */
import type { DeviceId } from "../../protocol/ids.ts";
import type { Instant } from "../../protocol/time.ts";
import type { Cursor } from "./feed.ts";

/** What detection remembers besides devices. The store does not look into the JSON of `names`, `memory` and `shown`. */
export interface DetectionRow {
  /** Up to when everything was evaluated. */
  readonly at: Instant;
  /** Up to where the change feed is told. */
  readonly cursor: Cursor;
  readonly names: string;
  readonly memory: string;
  /** What controllers show that do not detect. */
  readonly shown: string;
}

export interface DetectionDevice {
  readonly device: DeviceId;
  /** Its number in the detector. */
  readonly slot: number;
  /** What whoever tells the detector remembers of it. */
  readonly known: readonly number[];
  /** The detector's own memory of it; null: it has none, and one that is stored stays. */
  readonly memory: readonly number[] | null;
}

export interface DetectionExposure {
  readonly device: DeviceId;
  /** The number of a version in `names`. */
  readonly version: number;
  /** A whole number of the detector's. */
  readonly writtenAt: number;
}

interface DetectionPart {
  readonly leaderEpoch: number;
  readonly isFirst: boolean;
  readonly devices: readonly DetectionDevice[];
  readonly exposures: readonly DetectionExposure[];
}

/** What has changed since the last save: all of it, or nothing. */
export interface DetectionSave extends DetectionRow {
  readonly leaderEpoch: number;
  /** What was staged belongs to it. */
  readonly hasParts: boolean;
  readonly devices: readonly DetectionDevice[];
  readonly exposures: readonly DetectionExposure[];
  /** Exposures that are over. */
  readonly cleared: readonly Pick<DetectionExposure, "device" | "version">[];
  /** Versions whose exposures are not needed any more. */
  readonly retired: readonly number[];
  /** Nothing that was remembered before counts any more. */
  readonly anew: boolean;
}

export interface DetectionStore {
  /**
   * A part of what is too much for one transaction: it counts from the save on that says so. `isFirst` throws away what
   * is left of a save that was not completed.
   */
  stageDetection(part: DetectionPart): Promise<"staged" | "stale-leader">;
  /** Takes over at most `limit` rows of the parts of the last save. Repeated for `more`, before devices are read. */
  takeDetectionParts(leaderEpoch: number, limit: number): Promise<"more" | "done" | "stale-leader">;
  /** What detection remembers. Refused for any leader but the newest, and while parts of the last save are left. */
  saveDetection(save: DetectionSave): Promise<"saved" | "stale-leader">;
  detection(): Promise<DetectionRow | undefined>;
  /** By slot, those above `after`. */
  detectionDevicesAfter(after: number, limit: number): Promise<readonly DetectionDevice[]>;
  /** By version and device, those after `after`. */
  detectionExposuresAfter(
    after: Pick<DetectionExposure, "version" | "device"> | null,
    limit: number,
  ): Promise<readonly DetectionExposure[]>;
}
