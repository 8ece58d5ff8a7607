/**
 * The evidence of crashes, kept with the incident that it speaks for: one crash a device, however the reports of the
 * device are pruned later.
 *
 * What is kept is decided here and stored before the feed is read on; storing it again changes nothing. The best
 * evidence of a device stays: a crash with a dump takes the place of one without.
 */
import type { BootReport } from "../../protocol/boot.ts";
import type { DeviceId, IncidentId } from "../../protocol/ids.ts";
import { hasCrashed } from "../fleet/condition.ts";
import type { Instant } from "../../protocol/time.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { Store } from "../store.ts";
import type { Change } from "../store/feed.ts";
import type { IncidentCrash, IncidentRow } from "../store/incidents.ts";

/** So many devices' evidence is kept with an incident; all others are counted, and their reports stay in the record. */
const DEVICES_MAX = 1_000;
/** Whoever looks at the overview must not wait for the record; an incident declared elsewhere shows after so long. */
const REFRESH_EVERY_MS = 1_000;
/** A device in a boot loop has reported its crash among the last of its reports. */
const REPORTS_LOOKED_AT = 50;

/** What is held in memory of a crash that is kept. */
interface Kept {
  readonly bugcheck: string;
  readonly suspect: string | null;
}

export interface CrashSummary {
  /** Devices whose evidence is kept. */
  readonly devices: number;
  /** By bugcheck code and by the driver that dumps point at, most frequent first. */
  readonly bugchecks: readonly { readonly code: string; readonly devices: number }[];
  readonly suspects: readonly { readonly driver: string; readonly devices: number }[];
}

type CrashStore = Pick<Store, "incidents" | "pinCrashes" | "crashesOf" | "reportsOf">;

export class CrashBook {
  private readonly store: CrashStore;
  private incidents: readonly IncidentRow[] = [];
  private readAt = 0;
  private readonly kept = new Map<IncidentId, Map<DeviceId, Kept>>();

  constructor(store: CrashStore) {
    this.store = store;
  }

  /** Reads what is kept; then takes in crashes that nobody kept, because no leader was there when they were reported. */
  async open(fleet: Fleet): Promise<void> {
    await this.readIncidents();
    for (const incident of this.incidents) await this.gather(incident, fleet);
  }

  /** Crashes of devices that are down now on the incident's version, out of their stored reports. */
  async gather(incident: IncidentRow, fleet: Fleet): Promise<void> {
    if (!this.incidents.some(({ id }) => id === incident.id)) this.incidents = [...this.incidents, incident];
    if ((fleet.content.find(incident.source, incident.sha256)?.crashed ?? 0) === 0) return;
    const found: IncidentCrash[] = [];
    for (const { row, state } of fleet.all()) {
      if (found.length + this.of(incident.id).size >= DEVICES_MAX) break;
      if (this.of(incident.id).has(row.id) || !hasCrashed(state)) continue;
      if (!fleet.runs(row.id, incident.source, incident.sha256)) continue;
      for (const { receivedAt, body } of await this.store.reportsOf(row.id, REPORTS_LOOKED_AT)) {
        if (body.kind !== "boot-began" || !speaksFor(incident, body.boot)) continue;
        found.push({ incident: incident.id, device: row.id, at: receivedAt, boot: body.boot });
        break;
      }
    }
    await this.keep(found);
  }

  /** Takes in what the feed says of new crashes. */
  async take(changes: readonly Change[]): Promise<void> {
    const crashes = changes.flatMap(({ deviceId, at, body }) =>
      body.kind === "boot-began" && body.boot.previousEnd.kind === "bugcheck"
        ? [{ device: deviceId, at, boot: body.boot }]
        : [],
    );
    if (crashes.length === 0) return;
    await this.readIncidents(); // another controller may have taken a declaration
    await this.keep(
      this.incidents.flatMap((incident) =>
        crashes.filter(({ boot }) => speaksFor(incident, boot)).map((crash) => ({ incident: incident.id, ...crash })),
      ),
    );
  }

  /** All incidents, oldest first, as they were a moment ago. */
  get known(): readonly IncidentRow[] {
    return this.incidents;
  }

  /** Takes in what other controllers declared, at most once in a while. */
  async refresh(now: Instant): Promise<void> {
    if (now - this.readAt < REFRESH_EVERY_MS && now >= this.readAt) return;
    this.readAt = now;
    await this.readIncidents();
  }

  summary(incident: IncidentId): CrashSummary {
    const crashes = [...this.of(incident).values()];
    return {
      devices: crashes.length,
      bugchecks: ranked(crashes.map(({ bugcheck }) => bugcheck)).map(([code, devices]) => ({ code, devices })),
      suspects: ranked(crashes.flatMap(({ suspect }) => suspect ?? [])).map(([driver, devices]) => ({
        driver,
        devices,
      })),
    };
  }

  private async readIncidents(): Promise<void> {
    this.incidents = await this.store.incidents();
    for (const { id } of this.incidents) {
      if (this.kept.has(id)) continue;
      const kept = new Map(
        (await this.store.crashesOf(id, null, DEVICES_MAX)).map((crash) => [crash.device, keptOf(crash)]),
      );
      this.kept.set(id, kept);
    }
  }

  private async keep(crashes: readonly IncidentCrash[]): Promise<void> {
    const better = new Map<string, IncidentCrash>();
    for (const crash of crashes) {
      const key = `${crash.incident} ${crash.device}`;
      const before = better.get(key);
      const kept = before === undefined ? this.of(crash.incident).get(crash.device) : keptOf(before);
      if (isBetter(keptOf(crash), kept)) better.set(key, crash);
    }
    const room = new Map<IncidentId, number>();
    const kept = [...better.values()].filter(({ incident, device }) => {
      if (this.of(incident).has(device)) return true;
      const left = room.get(incident) ?? DEVICES_MAX - this.of(incident).size;
      room.set(incident, left - 1);
      return left > 0;
    });
    if (kept.length === 0) return;
    await this.store.pinCrashes(kept);
    for (const crash of kept) this.of(crash.incident).set(crash.device, keptOf(crash));
  }

  private of(incident: IncidentId): Map<DeviceId, Kept> {
    const kept = this.kept.get(incident) ?? new Map<DeviceId, Kept>();
    this.kept.set(incident, kept);
    return kept;
  }
}

const isBetter = (next: Kept, kept: Kept | undefined): boolean =>
  kept === undefined || (kept.suspect === null && next.suspect !== null);

/** It says that the boot before it ended in a bugcheck, on a disk that holds the incident's version. */
const speaksFor = ({ source, sha256 }: IncidentRow, { previousEnd, content }: BootReport): boolean =>
  previousEnd.kind === "bugcheck" && content.some((version) => version.source === source && version.sha256 === sha256);

function keptOf({ boot }: IncidentCrash): Kept {
  const { previousEnd, evidence } = boot;
  const code = previousEnd.kind === "bugcheck" ? previousEnd.bugcheck.code : "unknown";
  // An older dump may be of another crash.
  const dump = evidence?.crashDumps.findLast(({ suspect, bugcheck }) => suspect !== null && bugcheck.code === code);
  return { bugcheck: code, suspect: dump?.suspect?.driver ?? null };
}

function ranked(values: readonly string[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}
