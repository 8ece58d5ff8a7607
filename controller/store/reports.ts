/** Reports of devices: stored in batches, at least once sent and once effective. */
import type { Sha256 } from "../../protocol/canonical.ts";
import type { ReportBody } from "../../protocol/frames.ts";
import type { DeviceId, EpochId, StreamId } from "../../protocol/ids.ts";
import type { Instant } from "../../protocol/time.ts";
import type { Presence } from "./feed.ts";

/** A report as it came from a device, with the digest of the bytes it came in. */
export interface IngestReport {
  readonly deviceId: DeviceId;
  readonly epoch: EpochId;
  readonly sequence: number;
  readonly digest: Sha256;
  readonly receivedAt: Instant;
  readonly body: ReportBody;
}

/** The same with its body as JSON: what waits in a queue and crosses threads is then one text, not a dozen objects. */
export interface SerializedReport extends Omit<IngestReport, "body"> {
  readonly json: string;
}

/** Names a report among those of its device. */
export type ReportKey = Pick<IngestReport, "epoch" | "sequence">;

/**
 * `stored`: new. `duplicate`: already durable, same bytes. `conflict`: this sequence holds other bytes; nothing was
 * changed.
 */
export type IngestResult = "stored" | "duplicate" | "conflict";

export interface PresenceReport {
  readonly deviceId: DeviceId;
  readonly receivedAt: Instant;
  readonly presence: Presence;
}

export interface ReportStore {
  /**
   * The group commit: all reports of a batch in one transaction; one result each, in order. Ends mailbox orders on
   * their last report.
   */
  ingest(
    stream: StreamId,
    reports: readonly (IngestReport | SerializedReport)[],
    presence: readonly PresenceReport[],
  ): Promise<readonly IngestResult[]>;
  /** The highest sequence of the epoch that is durable; 0 if none. */
  through(device: DeviceId, epoch: EpochId): Promise<number>;
  /**
   * The newest reports of a device, newest first; with `before`, the newest of those that are older than it. None if
   * the device has no such epoch.
   */
  reportsOf(device: DeviceId, limit: number, before?: ReportKey): Promise<readonly IngestReport[]>;
}
