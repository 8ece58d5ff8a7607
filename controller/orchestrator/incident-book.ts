/**
 * All incidents in memory, folded from their events, and the one way to change them: events are stored, then memory,
 * listeners and people elsewhere know.
 *
 * Only whoever leads writes. Everybody reads what others wrote, a moment later. An incident that a program of before has
 * declared has no events: it counts as one that a person opened.
 */
import type { IncidentId } from "../../protocol/ids.ts";
import type { IncidentEvent } from "../../protocol/incident.ts";
import type { Instant } from "../../protocol/time.ts";
import { evolveIncident, foldIncident, type Incident, keyOf } from "../incidents/incident.ts";
import { noticesOf } from "../incidents/notices.ts";
import type { IncidentChange } from "../incidents/decide-incidents.ts";
import type { Clock, Log } from "../ports.ts";
import type { Notifier } from "../ports/notices.ts";
import type { Store } from "../store.ts";
import type { IncidentRow } from "../store/incidents.ts";
import type { Lease } from "./lease.ts";
import type { Notices } from "./notices.ts";
import { NotWritten } from "./rollout-book.ts";

/** What another controller wrote shows after so long. */
const REFRESH_EVERY_MS = 1_000;
/** After a restart people elsewhere are told again of what happened in this time; who was told is not told twice. */
const TELL_AGAIN_MS = 24 * 3_600_000;

export interface LiveIncident {
  readonly incident: Incident;
  readonly events: readonly IncidentEvent[];
  /** How many of the events are stored. */
  readonly stored: number;
}
interface IncidentDeps {
  readonly store: Pick<Store, "incidents" | "incidentEvents" | "appendIncident">;
  readonly clock: Clock;
  readonly log: Log;
  readonly notifier?: Notifier;
}

export class IncidentBook {
  private readonly deps: IncidentDeps;
  private readonly lease: Lease;
  private readonly notices: Notices;
  private readonly live = new Map<IncidentId, LiveIncident>();
  private readAt = 0;

  constructor(deps: IncidentDeps, lease: Lease, notices: Notices) {
    this.deps = deps;
    this.lease = lease;
    this.notices = notices;
  }

  get(id: IncidentId): LiveIncident | undefined {
    return this.live.get(id);
  }

  /** Oldest first. */
  all(): readonly LiveIncident[] {
    return [...this.live.values()].sort(
      (a, b) => a.incident.openedAt - b.incident.openedAt || (a.incident.id < b.incident.id ? -1 : 1),
    );
  }

  /** Reads everything again; tells again what may not have been told. */
  async open(): Promise<void> {
    this.live.clear();
    await this.read();
    if (this.lease.epoch === undefined) return;
    const since = this.deps.clock.now() - TELL_AGAIN_MS;
    for (const { incident, events, stored } of this.all()) {
      const from = events.findIndex(({ at }) => at >= since);
      if (from >= 0 && stored > 0) await this.tell(incident, events, from);
    }
  }

  /** Takes in what others wrote, at most once in a while. */
  async refresh(now: Instant): Promise<void> {
    if (now - this.readAt < REFRESH_EVERY_MS && now >= this.readAt) return;
    await this.read();
  }

  async read(): Promise<void> {
    const { store, clock } = this.deps;
    this.readAt = clock.now();
    const known = Object.fromEntries([...this.live].map(([id, { stored }]) => [id, stored]));
    const found = await store.incidentEvents(known);
    for (const [id, rows] of Map.groupBy(found, ({ incident }) => incident)) {
      const before = this.live.get(id);
      const events = [...(before?.events.slice(0, before.stored) ?? []), ...rows.map(({ event }) => event)];
      this.live.set(id, { incident: foldIncident(id, events), events, stored: events.length });
      this.notices.publish("incident", id);
    }
    for (const row of await store.incidents()) {
      if (this.live.has(row.id)) continue;
      const events = [openingOf(row)];
      this.live.set(row.id, { incident: foldIncident(row.id, events), events, stored: 0 });
      this.notices.publish("incident", row.id);
    }
  }

  /**
   * Stores events of an incident, new or known.
   *
   * @returns which version its crash evidence is about now, if that has changed
   * @throws NotWritten; nothing was changed then
   */
  async write({ incident: id, events: news }: IncidentChange): Promise<IncidentRow | undefined> {
    const leaderEpoch = this.lease.epoch;
    if (leaderEpoch === undefined) throw new NotWritten("another controller leads");
    const before = this.live.get(id);
    const events = [...(before?.events ?? []), ...news];
    const stored = before?.stored ?? 0;
    const incident = before === undefined ? foldIncident(id, events) : news.reduce(evolveIncident, before.incident);
    const [was, is] = [before?.incident.versions[0], incident.versions[0]];
    const isAnother = is !== undefined && (was === undefined || keyOf(was) !== keyOf(is));
    const about = isAnother ? rowOf(incident) : undefined;
    const append = { incident: id, expectedVersion: stored, leaderEpoch, events: events.slice(stored), about };
    const result = await this.deps.store.appendIncident(append);
    if (result.kind !== "appended") {
      this.lease.doubt();
      throw new NotWritten(`the store refused events of incident ${id}: ${result.kind}`);
    }
    this.live.set(id, { incident, events, stored: result.version });
    this.notices.publish("incident", id);
    // What another controller or a program of before has declared is told as it is first stored here, unless it is old news.
    const isNew = stored === 0 && incident.openedAt >= this.deps.clock.now() - TELL_AGAIN_MS;
    await this.tell(incident, events, isNew ? 0 : (before?.events.length ?? 0));
    return about;
  }

  private async tell(incident: Incident, events: readonly IncidentEvent[], from: number): Promise<void> {
    const { notifier, log } = this.deps;
    const told = notifier === undefined ? [] : noticesOf(incident, events, from);
    if (told.length === 0) return;
    await notifier?.tell(told).catch((error: unknown) => {
      log.error(
        { error: String(error), incident: incident.id },
        "people elsewhere could not be told; it is tried again when a controller starts",
      );
    });
  }
}

/** As programs of before read it. */
function rowOf({ id, title, versions, because, openedAt, openedBy }: Incident): IncidentRow | undefined {
  const [version] = versions;
  if (version === undefined) return undefined;
  const { source, sha256 } = version;
  const declaredBy = openedBy.kind === "person" ? openedBy.name : "Ringback's detection";
  return { id, title, source, sha256, evidence: because, declaredAt: openedAt, declaredBy };
}

const openingOf = ({ title, source, sha256, evidence, declaredAt, declaredBy }: IncidentRow): IncidentEvent => ({
  kind: "opened",
  at: declaredAt,
  by: { kind: "person", name: declaredBy },
  cause: "declared",
  title,
  versions: [{ source, sha256, label: null, verdict: "declared" }],
  because: evidence,
});
