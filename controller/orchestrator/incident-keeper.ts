/**
 * Turns what detection finds into incidents, and what the rules allow into halts and calls to vendors.
 *
 * Everything is decided by pure functions from what is stored; this carries it out, and writes down what came of it. A
 * halt is recorded with its rollout first: should power go before the incident says so, the rollout's own record does.
 */
import { newId, type IncidentId, type RolloutId } from "../../protocol/ids.ts";
import type { IncidentEvent, VersionRef } from "../../protocol/incident.ts";
import type { ContentSourceId } from "../../protocol/content.ts";
import type { Finding } from "../detection/types.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { decideIncidents, type IncidentChange, type NamedFinding } from "../incidents/decide-incidents.ts";
import type { NamedStanding } from "../incidents/evidence.ts";
import { type Incident, keyOf } from "../incidents/incident.ts";
import { suspectNotices } from "../incidents/notices.ts";
import { BY_DETECTION, decideResponses, type ResponseCommand, type ResponseFacts } from "../incidents/responses.ts";
import type { Clock, Log, Random } from "../ports.ts";
import type { Notifier } from "../ports/notices.ts";
import type { VendorConnectors, VendorOutcome } from "../ports/vendors.ts";
import { mayStillTake } from "../rollout/may-still-take.ts";
import type { Store } from "../store.ts";
import type { ResponseRule } from "../store/response-rules.ts";
import { nameFindings, standingOf } from "../watch/named.ts";
import type { Watch } from "../watch/watch.ts";
import type { CrashBook } from "./crash-book.ts";
import type { IncidentBook } from "./incident-book.ts";
import type { LiveRollout } from "./live-rollout.ts";

/** Counts move all the time; so often it is looked whether that is worth a line. */
const LOOK_EVERY_MS = 2_000;

export interface IncidentKeeperDeps {
  readonly store: Pick<Store, "responseRules">;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly vendors?: VendorConnectors;
  readonly notifier?: Notifier;
}
/** What the orchestrator lends: all of it is called in its queue, but for `later`, which puts work into it. */
interface Hands {
  readonly book: IncidentBook;
  readonly crashes: CrashBook;
  readonly fleet: () => Fleet;
  readonly rollouts: () => Iterable<LiveRollout>;
  readonly halt: (rollout: LiveRollout, incident: IncidentId, because: string) => Promise<void>;
  readonly later: (work: () => Promise<void>) => void;
}

export const haltRule = (incident: IncidentId): string => `incident ${incident}`;

export class IncidentKeeper {
  private readonly deps: IncidentKeeperDeps;
  private readonly hands: Hands;
  private rules: readonly ResponseRule[] = [];
  private lookedAt = 0;
  /** Vendors that are being asked now. */
  private readonly asking = new Set<string>();
  /** On how few devices a version of a closed incident was since it was closed, as far as this controller has looked. */
  private readonly atClosing = new Map<string, number>();

  constructor(deps: IncidentKeeperDeps, hands: Hands) {
    this.deps = deps;
    this.hands = hands;
  }

  /** Only under the lease. */
  async turn(watch: Watch | undefined, findings: readonly Finding[]): Promise<void> {
    const { clock, store } = this.deps;
    const now = clock.now();
    if (findings.length === 0 && now - this.lookedAt < LOOK_EVERY_MS && now >= this.lookedAt) return;
    this.lookedAt = now;
    this.rules = (await store.responseRules())?.rules ?? [];
    const named = watch === undefined ? [] : nameFindings(watch, findings);
    await this.adopt();
    await this.decide(watch, named);
    await this.tellSuspects(named);
    await this.recordHalts();
    await this.respond();
  }

  /** Stores what was decided, and keeps the crash evidence of versions that are named now. Only in the queue. */
  async write(changes: readonly IncidentChange[]): Promise<void> {
    for (const change of changes) {
      const about = await this.hands.book.write(change);
      if (about !== undefined) await this.hands.crashes.gather(about, this.hands.fleet());
      if (change.events.some(({ kind }) => kind === "closed" || kind === "reopened")) this.atClosing.clear();
    }
  }

  /** As detection judges a version now. */
  facts(): ResponseFacts {
    const { vendors, clock } = this.deps;
    const ready = (vendors?.list() ?? []).filter(({ state }) => state !== "not-set-up");
    const now = clock.now();
    return {
      rules: this.rules,
      rollouts: [...this.hands.rollouts()]
        .filter((rollout) => mayStillTake(rollout.state, now))
        .map(({ row, plan: { plan } }) => ({
          id: row.id,
          source: plan.playbook.source,
          startedAt: row.startedAt,
          incident: plan.incident,
        })),
      connectorsOf: (source) => ready.filter(({ sources }) => sources.includes(source)).map(({ name }) => name),
      now,
    };
  }

  /** Asks vendors to pause, outside of the queue: they take seconds. */
  async askVendors(source: ContentSourceId, because: string): Promise<readonly VendorOutcome[]> {
    const { vendors, log } = this.deps;
    if (vendors === undefined) return [];
    try {
      return await vendors.pause(source, because);
    } catch (error) {
      log.error({ error: String(error), source }, "a vendor connector broke down");
      return [{ connector: "connectors", outcome: "failed", because: "The connector broke down; the log says how." }];
    }
  }

  /** What somebody declared at a controller that does not lead becomes an incident like any other. */
  private async adopt(): Promise<void> {
    for (const { incident, stored } of this.hands.book.all()) {
      if (stored === 0) await this.write([{ incident: incident.id, events: [] }]);
    }
  }

  private async decide(watch: Watch | undefined, named: readonly NamedFinding[]): Promise<void> {
    const { clock, random } = this.deps;
    const now = clock.now();
    const current = (of: VersionRef): NamedStanding | undefined =>
      watch === undefined ? undefined : standingOf(watch, of);
    const devicesWith = (of: VersionRef): number =>
      current(of)?.standing.exposed ?? this.hands.fleet().content.find(of.source, of.sha256)?.devices ?? 0;
    const changes = decideIncidents(
      named,
      this.hands.book.all().map(({ incident }) => incident),
      {
        now,
        newId: () => newId("inc", now, random(10)),
        standingOf: current,
        devicesWith,
        devicesAtClosing: (incident, of) => this.devicesAtClosing(incident, of, devicesWith(of)),
      },
    );
    await this.write(changes);
  }

  private async tellSuspects(named: readonly NamedFinding[]): Promise<void> {
    const { clock, log, notifier } = this.deps;
    const all = this.hands.book.all().map(({ incident }) => incident);
    const told = notifier === undefined ? [] : suspectNotices(named, all, clock.now());
    if (told.length === 0) return;
    await notifier?.tell(told).catch((error: unknown) => {
      log.error(
        { error: String(error) },
        "people elsewhere could not be told of a suspect; the detection page shows it",
      );
    });
  }

  /** What was written down when it was closed, or what this controller saw first; the least that it has seen since. */
  private devicesAtClosing(incident: Incident, of: VersionRef, now: number): number {
    const key = `${incident.id} ${keyOf(of)}`;
    const counts = incident.evidence.get(keyOf(of))?.counts ?? null;
    const stored = counts === null ? Infinity : counts.affectedExposed + counts.wellExposed;
    const least = Math.min(stored, this.atClosing.get(key) ?? (counts === null ? now : stored));
    this.atClosing.set(key, Math.min(least, now));
    return least;
  }

  /** Rollouts whose own record says that they were halted for an incident that does not say so. */
  private async recordHalts(): Promise<void> {
    const halted = new Map<string, { readonly id: RolloutId; readonly because: string }[]>();
    for (const { row, events } of this.hands.rollouts()) {
      const last = events.at(-1);
      if (last?.kind !== "halted" || last.by.kind !== "engine") continue;
      halted.set(last.by.rule, [...(halted.get(last.by.rule) ?? []), { id: row.id, because: last.because }]);
    }
    if (halted.size === 0) return;
    for (const { incident } of this.hands.book.all()) {
      const missing = (halted.get(haltRule(incident.id)) ?? []).filter(({ id }) => !incident.rolloutsHalted.has(id));
      const [first] = missing;
      if (first === undefined) continue;
      const rollouts = missing.map(({ id }) => id);
      await this.write([{ incident: incident.id, events: [this.haltedEvent(rollouts, first.because)] }]);
    }
  }

  private async respond(): Promise<void> {
    for (const { incident } of this.hands.book.all()) {
      for (const command of decideResponses(incident, this.facts())) await this.perform(command);
    }
  }

  private async perform(command: ResponseCommand): Promise<void> {
    const { id } = command.incident;
    switch (command.kind) {
      case "append":
        await this.write([{ incident: id, events: command.events }]);
        return;
      case "halt": {
        const wanted = new Set(command.rollouts);
        for (const rollout of this.hands.rollouts()) {
          if (wanted.has(rollout.row.id)) await this.hands.halt(rollout, id, command.because);
        }
        await this.write([{ incident: id, events: [this.haltedEvent(command.rollouts, command.because)] }]);
        return;
      }
      case "pause-vendor":
        this.pauseVendor(id, command.source, command.because);
        return;
    }
  }

  private pauseVendor(incident: IncidentId, source: ContentSourceId, because: string): void {
    const key = `${incident} ${source}`;
    if (this.asking.has(key)) return;
    this.asking.add(key);
    void this.askVendors(source, because).then((outcomes) => {
      this.hands.later(async () => {
        this.asking.delete(key); // what could not be written down is asked again: pausing twice does no harm
        const events = vendorEvents(outcomes, source, this.deps.clock.now(), BY_DETECTION);
        if (events.length > 0) await this.write([{ incident, events }]);
      });
    });
  }

  private haltedEvent(rollouts: readonly RolloutId[], because: string): IncidentEvent {
    const at = this.deps.clock.now();
    return { kind: "rollouts-halted", at, by: BY_DETECTION, rollouts: [...rollouts].slice(0, 1_000), because };
  }
}

export const vendorEvents = (
  outcomes: readonly VendorOutcome[],
  source: ContentSourceId,
  at: IncidentEvent["at"],
  by: Extract<IncidentEvent, { kind: "vendor" }>["by"],
): readonly IncidentEvent[] =>
  outcomes.map(({ connector, outcome, because }) => {
    return { kind: "vendor", at, by, connector, action: "pause", source, outcome, because: because.slice(0, 1_000) };
  });
