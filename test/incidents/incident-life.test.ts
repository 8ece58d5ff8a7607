/** What becomes of incidents when findings come twice, machines die of something else, and faulty versions come back. */
import { describe, expect, test } from "vitest";
import {
  decideIncidents,
  type IncidentFacts,
  mergeEvents,
  type NamedFinding,
} from "../../controller/incidents/decide-incidents.ts";
import type { NamedStanding } from "../../controller/incidents/evidence.ts";
import { evolveIncident, foldIncident, type Incident } from "../../controller/incidents/incident.ts";
import { noticesOf } from "../../controller/incidents/notices.ts";
import { BY_DETECTION, decideResponses, type RunningRollout } from "../../controller/incidents/responses.ts";
import { type IncidentId, newId } from "../../protocol/ids.ts";
import { IncidentEvent } from "../../protocol/incident.ts";
import { at, type Instant, later } from "../../protocol/time.ts";
import { aVersion } from "../support/fleet-builders.ts";
import { present } from "../support/present.ts";

const NOON = at("2026-11-26T12:00:00Z");
const MINUTE = 60_000;
const BAD = aVersion(3);

const id = <Prefix extends "inc" | "rollout" | "plan">(prefix: Prefix, n: number) =>
  newId(prefix, NOON, new Uint8Array(10).fill(n));

const standing = (exposed: number): NamedStanding => ({
  of: { source: BAD.source, sha256: BAD.sha256 },
  label: "3",
  standing: {
    version: 1,
    firstSeenAt: NOON,
    status: "convicted",
    e: 1e6,
    eMax: 1e6,
    threshold: 22_000,
    share: 0.1,
    exposed,
    exposedAffected: Math.min(exposed, 5),
    othersAtRisk: 9_000,
    othersAffected: 0,
    sites: 4,
    coverage: 1,
    signals: {
      bugcheck: { exposed: Math.min(exposed, 5), others: 0 },
      restart: { exposed: 0, others: 0 },
      silence: { exposed: 0, others: 0 },
    },
    dumps: { for: 0, elsewhere: 0 },
    because: "bugchecks",
  },
});
const convicted = (exposed = 31): NamedFinding => ({
  kind: "convicted",
  standings: [standing(exposed)],
  certainty: "act",
  because: "E is past the threshold.",
});
const silence: NamedFinding = {
  kind: "mass-silence",
  silent: 60,
  expected: 0.3,
  sites: 12,
  because: "60 fell silent.",
};

/** Incidents in memory, as the keeper holds them. */
class Life {
  readonly incidents = new Map<IncidentId, Incident>();
  readonly events: IncidentEvent[] = [];
  /** How many devices run the version now; detection judges it so. */
  devices = 31;
  private made = 0;

  decide(findings: readonly NamedFinding[], now: Instant): number {
    const facts: IncidentFacts = {
      now,
      newId: () => id("inc", ++this.made),
      standingOf: () => standing(this.devices),
      devicesWith: () => this.devices,
      devicesAtClosing: (incident) => {
        const counts = [...incident.evidence.values()].at(-1)?.counts;
        return (counts?.affectedExposed ?? 0) + (counts?.wellExposed ?? 0);
      },
    };
    const changes = decideIncidents(findings, this.incidents.values(), facts);
    for (const { incident, events } of changes) {
      this.events.push(...events);
      const before = this.incidents.get(incident);
      this.incidents.set(
        incident,
        before === undefined ? foldIncident(incident, events) : events.reduce(evolveIncident, before),
      );
    }
    return changes.reduce((sum, { events }) => sum + events.length, 0);
  }
  get only(): Incident {
    const [first, ...others] = this.incidents.values();
    if (others.length > 0) throw new Error("there are several incidents");
    return present(first);
  }
}

const rollout = (over: Partial<RunningRollout> = {}): RunningRollout => ({
  id: id("rollout", 1),
  source: BAD.source,
  startedAt: NOON,
  incident: null,
  ...over,
});
const haltedBy = (incident: Incident, rollouts: readonly RunningRollout[], now: Instant) =>
  decideResponses(incident, {
    rules: [{ source: "*", mode: "act" }],
    rollouts,
    connectorsOf: () => [],
    now,
  }).flatMap((command) => (command.kind === "halt" ? [command] : []));

test("a finding that comes again after a failure changes nothing that stands", () => {
  const life = new Life();
  expect(life.decide([convicted()], NOON)).toBeGreaterThan(0);
  expect(life.decide([convicted()], later(NOON, 1_000))).toBe(0);
  life.decide([silence], later(NOON, 2_000));
  expect(life.decide([silence], later(NOON, 3_000))).toBe(0);
});

test("a release of more files than an event holds is named as far as it holds, and can be read again", () => {
  const life = new Life();
  const standings = Array.from({ length: 250 }, (_none, n) => {
    const one = standing(31);
    return { ...one, of: { ...one.of, sha256: aVersion(n + 1).sha256 } };
  });
  life.decide([{ kind: "convicted", standings, certainty: "act", because: "E." }], NOON);
  expect(life.only.versions.length).toBeGreaterThan(100);
  for (const event of life.events) expect(IncidentEvent.parse(event)).toEqual(event);
});

describe("machines that fall silent while an incident is open", () => {
  test("stop our own rollouts at once, the one that answers the incident included", () => {
    const life = new Life();
    life.decide([convicted()], NOON);
    const cure = rollout({ startedAt: later(NOON, 10 * MINUTE), incident: life.only.id });
    expect(haltedBy(life.only, [cure], later(NOON, 20 * MINUTE))).toEqual([]);
    life.decide([silence], later(NOON, 20 * MINUTE));
    const [halt] = haltedBy(life.only, [cure], later(NOON, 20 * MINUTE));
    expect(halt?.rollouts).toEqual([cure.id]);
    life.decide([{ kind: "mass-silence-over" }], later(NOON, 60 * MINUTE));
    expect(life.only.silentSince).toBeNull();
  });

  test("are told to people elsewhere: once, by the opening where they opened it", () => {
    const told = (life: Life) => noticesOf(life.only, life.events, 0).map(({ type }) => type);
    const beside = new Life();
    beside.decide([convicted()], NOON);
    expect(told(beside)).not.toContain("incident.evidence");
    beside.decide([silence], later(NOON, MINUTE));
    expect(told(beside).at(-1)).toBe("incident.evidence");
    const alone = new Life();
    alone.decide([silence], NOON);
    expect(told(alone)).toEqual(["incident.opened"]);
  });

  test("are said to be why a rollout of another source stands still", () => {
    const life = new Life();
    life.decide([convicted(), silence], NOON);
    const other = rollout({ source: "another.source" as RunningRollout["source"] });
    expect(haltedBy(life.only, [other], NOON)[0]?.because).toMatch(/fell silent/);
  });

  test("again, after the first silence was over, stop what runs then", () => {
    const life = new Life();
    life.decide([silence], NOON);
    life.decide([{ kind: "mass-silence-over" }], later(NOON, 30 * MINUTE));
    life.decide([silence], later(NOON, 60 * MINUTE));
    const since = rollout({ startedAt: later(NOON, 40 * MINUTE) });
    expect(haltedBy(life.only, [since], later(NOON, 60 * MINUTE))).toHaveLength(1);
  });
});

describe("a merge", () => {
  const opened = (n: number, source = BAD.source): Incident =>
    foldIncident(id("inc", n), [
      {
        kind: "opened",
        at: NOON,
        by: BY_DETECTION,
        cause: "conviction",
        title: `incident ${n}`,
        versions: [{ source, sha256: aVersion(n).sha256, label: null, verdict: "convicted" }],
        because: "E.",
      },
    ]);
  const by = { at: later(NOON, 30 * MINUTE), by: BY_DETECTION, because: "one release" } as const;

  test("lets the cure that was made for the one that went go on, and keeps its plan", () => {
    const [into, from] = [opened(1), { ...opened(2), plan: id("plan", 1) }];
    const events = mergeEvents(into, from, by).flatMap(({ incident, events: all }) =>
      incident === into.id ? all : [],
    );
    const merged = { ...events.reduce(evolveIncident, into), certainty: "act" as const };
    const cure = rollout({ incident: from.id, startedAt: later(NOON, MINUTE) });
    const push = rollout({ id: id("rollout", 2) });
    expect(haltedBy(merged, [cure, push], by.at).flatMap(({ rollouts }) => rollouts)).toEqual([push.id]);
    expect(merged.plan).toBe(from.plan);
  });

  test("names the versions where all goes on before the other one ends: a power cut in between loses none", () => {
    const [into, from] = [opened(1), opened(2)];
    const [first] = mergeEvents(into, from, by);
    const half = present(first).events.reduce(evolveIncident, into);
    expect(first?.incident).toBe(into.id);
    expect(half.versions.map(({ sha256 }) => sha256)).toContain(aVersion(2).sha256);
  });
});

test("a version that was taken back after its incident was closed is flagged when it turns up on one machine again", () => {
  const life = new Life();
  life.decide([convicted()], NOON);
  const { id: incident } = life.only;
  life.incidents.set(
    incident,
    evolveIncident(life.only, { kind: "closed", at: later(NOON, MINUTE), by: BY_DETECTION, because: "withdrawn" }),
  );
  life.devices = 0; // the machines that were off at the closing have come back, and were mended
  life.decide([], later(NOON, 60 * MINUTE));
  expect(life.only.state).toBe("closed");
  life.devices = 1;
  life.decide([], later(NOON, 120 * MINUTE));
  expect(life.only).toMatchObject({ state: "open" });
  expect([...life.only.seenAgain.values()]).toEqual([1]);
});
