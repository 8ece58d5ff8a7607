/** Devices as they are stored, and what the fleet in memory keeps of them. */
import type { DeviceRegistration } from "../../protocol/api.ts";
import type { Binding, DeviceStanding } from "../../protocol/enrolment.ts";
import type { ReportBody } from "../../protocol/frames.ts";
import type { DeviceId, StreamId } from "../../protocol/ids.ts";
import type { GroupName, Image, Role, Site } from "../../protocol/names.ts";
import type { PublicKey } from "../../protocol/public-key.ts";
import type { Instant } from "../../protocol/time.ts";

/** Which trust document and which policy somebody has; 0: none. */
export interface TrustVersions {
  readonly trustVersion: number;
  readonly policyVersion: number;
}

/** A device as it is stored. What it said since is in the change feed and in `DeviceState`. */
export interface DeviceRow {
  readonly id: DeviceId;
  readonly publicKey: PublicKey;
  readonly name: string;
  readonly site: Site;
  readonly role: Role;
  readonly registeredAt: Instant;
  readonly standing: DeviceStanding;
  readonly standingSince: Instant;
  /** Why it has this standing, in a sentence. */
  readonly standingBecause: string;
  /** Null for a device that a person registered. */
  readonly group: GroupName | null;
  /** Of a machine that is made from an image and thrown away again. */
  readonly image: Image | null;
  readonly binding: Binding;
  /** The last thing known, folded by ingest in the same transaction as the report; null until the first report. */
  readonly state: DeviceState | null;
}

/** The newest report of each kind, as stored; enough to rebuild the fleet in memory after a restart. */
export interface DeviceState {
  readonly lastHeardAt: Instant;
  readonly boot: Extract<ReportBody, { kind: "boot-began" }>["boot"] | null;
  readonly healthy: Extract<ReportBody, { kind: "boot-healthy" }>["healthy"] | null;
  /** What is on the disk now: the boot's content with the changes since. */
  readonly content: Extract<ReportBody, { kind: "boot-began" }>["boot"]["content"];
  readonly leaving: Extract<ReportBody, { kind: "leaving" }>["reason"] | null;
  /** What the device says that it believes; null: it has not said. */
  readonly trust: TrustVersions | null;
  /** The newest schema minor that its agent speaks, as it said at its last login; null: it has not said. */
  readonly minor: number | null;
}

/**
 * What the fleet in memory keeps of a state: what conditions, counts, filters and lists are made of. Every
 * `DeviceState` is one; the rest of it is read from storage when somebody looks at the device.
 */
export interface KnownState extends Pick<DeviceState, "lastHeardAt" | "leaving" | "trust" | "minor"> {
  readonly boot: Pick<NonNullable<DeviceState["boot"]>, "bootId" | "tries" | "previousEnd" | "machine"> | null;
  readonly healthy: Pick<NonNullable<DeviceState["healthy"]>, "bootId"> | null;
  readonly content: readonly Pick<DeviceState["content"][number], "source" | "sha256" | "label" | "path">[];
}

export interface KnownDevice extends Omit<DeviceRow, "state" | "standingSince" | "standingBecause" | "binding"> {
  readonly state: KnownState | null;
}

export interface DeviceStore {
  /**
   * `conflict`: the id is taken by another key. The same registration again is `same`, with name, site and role
   * updated.
   */
  registerDevice(
    stream: StreamId,
    device: DeviceRegistration,
    now: Instant,
  ): Promise<"registered" | "same" | "conflict">;
  /**
   * `same`: it has this standing already, or is revoked: that is lifted only by accepting the device. A change is told
   * in the feed.
   */
  setStanding(
    stream: StreamId,
    device: DeviceId,
    standing: DeviceStanding,
    because: string,
    now: Instant,
  ): Promise<"changed" | "same" | "unknown">;
  device(id: DeviceId): Promise<DeviceRow | undefined>;
  /** By id, after `after`; for rebuilding memory. */
  devicesAfter(after: DeviceId | null, limit: number): Promise<readonly KnownDevice[]>;
}
