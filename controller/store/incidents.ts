/** Incidents as events, and the crashes that are kept with them. */
import type { BootReport } from "../../protocol/boot.ts";
import type { Sha256 } from "../../protocol/canonical.ts";
import type { ContentSourceId } from "../../protocol/content.ts";
import type { DeviceId, IncidentId } from "../../protocol/ids.ts";
import type { IncidentEvent } from "../../protocol/incident.ts";
import type { Instant } from "../../protocol/time.ts";

/** Which version the crash evidence of an incident is about. An incident whose cause is not known yet has none. */
export interface IncidentRow {
  readonly id: IncidentId;
  readonly title: string;
  readonly source: ContentSourceId;
  readonly sha256: Sha256;
  readonly evidence: string;
  readonly declaredAt: Instant;
  readonly declaredBy: string;
}

/** A crash on a version that an incident is about: the report of the boot after it, with its evidence. */
export interface IncidentCrash {
  readonly incident: IncidentId;
  readonly device: DeviceId;
  /** When the controller received the report. */
  readonly at: Instant;
  readonly boot: BootReport;
}

/**
 * Events of one incident, in one transaction: all of them, or nothing. An incident begins with `expectedVersion` 0.
 * `about` says from now on which version its crash evidence is about; left out, that stays as it is.
 */
export interface IncidentAppend {
  readonly incident: IncidentId;
  /** How many events it has. */
  readonly expectedVersion: number;
  readonly leaderEpoch: number;
  readonly events: readonly IncidentEvent[];
  readonly about?: IncidentRow | undefined;
}

type IncidentAppended =
  | { readonly kind: "appended"; readonly version: number }
  | { readonly kind: "stale-version"; readonly version: number }
  | { readonly kind: "stale-leader"; readonly leaderEpoch: number };

/** One event as it is stored, of an incident. `version` counts the events of an incident from 1. */
export interface StoredIncidentEvent {
  readonly incident: IncidentId;
  readonly version: number;
  readonly event: IncidentEvent;
}

export interface IncidentStore {
  addIncident(incident: IncidentRow): Promise<void>;
  incidents(): Promise<readonly IncidentRow[]>;
  /** Refused for any leader but the newest, and on any version but the one that was decided on. */
  appendIncident(append: IncidentAppend): Promise<IncidentAppended>;
  /** All events after what is known already (events of each incident; 0 without an entry), by incident and version. */
  incidentEvents(known: Readonly<Record<string, number>>): Promise<readonly StoredIncidentEvent[]>;
  /** Keeps crashes with their incidents, one a device: what was kept of the device before is replaced. */
  pinCrashes(crashes: readonly IncidentCrash[]): Promise<void>;
  /** The crashes kept with an incident, by device, those after `after`. */
  crashesOf(incident: IncidentId, after: DeviceId | null, limit: number): Promise<readonly IncidentCrash[]>;
}
