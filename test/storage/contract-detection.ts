/** What detection remembers, the events of incidents, and what the controller may do by itself. */
import { describe, expect, test } from "vitest";
import type { DetectionSave } from "../../controller/store/detection.ts";
import type { IncidentAppend, IncidentRow } from "../../controller/store/incidents.ts";
import type { IncidentEvent } from "../../protocol/incident.ts";
import { later } from "../../protocol/time.ts";
import { device, NOON, stream } from "../support/fleet-builders.ts";
import { hash, incidentId, SOURCE } from "../support/record-builders.ts";
import type { Given } from "./given.ts";

const aSave = (over: Partial<DetectionSave> = {}): DetectionSave => ({
  leaderEpoch: 1,
  at: NOON,
  cursor: { [stream(1)]: 7 },
  names: '{"sites":["Ward 1"]}',
  memory: '{"e":1}',
  shown: "{}",
  devices: [],
  exposures: [],
  cleared: [],
  retired: [],
  anew: false,
  hasParts: false,
  ...over,
});
const dev = (n: number, slot: number, memory: readonly number[] | null = [n]) => {
  return { device: device(n), slot, known: [slot, -1], memory };
};
const exposure = (n: number, version: number, writtenAt: number = NOON) => ({ device: device(n), version, writtenAt });
const closed = (n: number): IncidentEvent => ({
  kind: "closed",
  at: later(NOON, n),
  by: { kind: "person", name: "Ada" },
  because: `it's "over" ${n}`,
});
const anAppend = (over: Partial<IncidentAppend> = {}): IncidentAppend => ({
  incident: incidentId(1),
  expectedVersion: 0,
  leaderEpoch: 1,
  events: [closed(1)],
  ...over,
});
const about: IncidentRow = {
  id: incidentId(1),
  title: "Incident",
  source: SOURCE,
  sha256: hash("bad"),
  evidence: "31 of 31",
  declaredAt: NOON,
  declaredBy: "detection",
};

export const detectionContract = (given: Given): void => {
  const lead = () => given.one.lead(stream(1), NOON, 1_000);
  const takeOver = () => given.other.lead(stream(2), later(NOON, 1_000), 1_000);

  describe("detection", () => {
    test("comes back whole, at the other one too; devices by number, exposures by version", async () => {
      await lead();
      expect(await given.other.detection()).toBeUndefined();
      const save = aSave({
        devices: [dev(2, 1), dev(1, 0, null)],
        exposures: [exposure(2, 4), exposure(1, 4), exposure(9, 3, 12.0)],
      });
      expect(await given.one.saveDetection(save)).toBe("saved");
      const { at, cursor, names, memory, shown } = save;
      expect(await given.other.detection()).toEqual({ at, cursor, names, memory, shown });
      expect(await given.other.detectionDevicesAfter(-1, 10)).toEqual([dev(1, 0, null), dev(2, 1)]);
      expect(await given.other.detectionDevicesAfter(0, 10)).toEqual([dev(2, 1)]);
      const exposures = [exposure(9, 3, 12), exposure(1, 4), exposure(2, 4)];
      expect(await given.one.detectionExposuresAfter(null, 10)).toEqual(exposures);
      expect(await given.one.detectionExposuresAfter(exposures[0] ?? null, 1)).toEqual([exposure(1, 4)]);
    });

    test("a later save changes what it names and leaves the rest", async () => {
      await lead();
      await given.one.saveDetection(
        aSave({
          devices: [dev(1, 0), dev(2, 1)],
          exposures: [exposure(1, 1), exposure(1, 2), exposure(2, 2), exposure(1, 3)],
        }),
      );
      const cleared = [exposure(2, 2), exposure(9, 9)];
      const next = {
        cleared,
        devices: [{ ...dev(1, 0, null), known: [8] }],
        exposures: [exposure(1, 2, 99)],
        retired: [1],
      };
      await given.one.saveDetection(aSave({ at: later(NOON, 5), ...next }));
      const first = { ...dev(1, 0), known: [8] }; // its memory stays
      expect(await given.one.detectionDevicesAfter(-1, 10)).toEqual([first, dev(2, 1)]);
      expect(await given.one.detectionExposuresAfter(null, 10)).toEqual([exposure(1, 2, 99), exposure(1, 3)]);
      await given.one.saveDetection(aSave({ anew: true, devices: [dev(3, 0)] }));
      expect(await given.one.detectionDevicesAfter(-1, 10)).toEqual([dev(3, 0)]);
      expect(await given.one.detectionExposuresAfter(null, 10)).toEqual([]);
    });

    test("too much for one transaction is staged in parts, which count from the save on that says so", async () => {
      await lead();
      await given.one.saveDetection(aSave({ devices: [dev(1, 0), dev(2, 1)], exposures: [exposure(1, 1)] }));
      const part = { leaderEpoch: 1, isFirst: true, exposures: [] };
      await given.one.stageDetection({ ...part, devices: [dev(9, 7)] }); // killed in the middle
      await given.one.stageDetection({ ...part, devices: [{ ...dev(2, 1, null), known: [5] }] });
      const more = {
        isFirst: false,
        devices: [dev(3, 2)],
        exposures: [exposure(2, 3), exposure(1, 2), exposure(2, 2)],
      };
      await given.one.stageDetection({ ...part, ...more });
      expect(await given.one.takeDetectionParts(1, 10)).toBe("done"); // no save has said so
      const before = [dev(1, 0), dev(2, 1)];
      expect(await given.other.detectionDevicesAfter(-1, 10)).toEqual(before);
      const whole = aSave({ memory: "whole", hasParts: true, retired: [3] });
      expect(await given.one.saveDetection(whole)).toBe("saved");
      await expect(given.other.saveDetection(aSave())).rejects.toThrow("taken over"); // would be mixed with parts that are left
      await expect(given.other.stageDetection({ ...part, devices: [] })).rejects.toThrow("taken over");
      await takeOver();
      expect(await given.one.takeDetectionParts(1, 1)).toBe("stale-leader");
      expect(await given.one.stageDetection({ ...part, devices: [dev(8, 8)] })).toBe("stale-leader");
      let parts = 1;
      while ((await given.other.takeDetectionParts(2, 1)) === "more") parts++;
      expect(parts).toBeGreaterThanOrEqual(4);
      expect(await given.other.detectionDevicesAfter(-1, 10)).toEqual([
        dev(1, 0),
        { ...dev(2, 1), known: [5] },
        dev(3, 2),
      ]);
      expect(await given.other.detectionExposuresAfter(null, 10)).toEqual([
        exposure(1, 1),
        exposure(1, 2),
        exposure(2, 2),
      ]);
      expect(await given.other.detection()).toMatchObject({ memory: "whole" });
      expect(await given.other.saveDetection(aSave({ leaderEpoch: 2 }))).toBe("saved");
    });

    test("is refused from a leader that was replaced, and nothing of it is kept", async () => {
      await lead();
      await given.one.saveDetection(aSave());
      await takeOver();
      const late = aSave({ memory: "late", devices: [dev(1, 0)], exposures: [exposure(1, 1)] });
      expect(await given.one.saveDetection(late)).toBe("stale-leader");
      expect(await given.one.detection()).toMatchObject({ memory: aSave().memory });
      expect(await given.one.detectionDevicesAfter(-1, 10)).toEqual([]);
      expect(await given.other.saveDetection(aSave({ leaderEpoch: 2, memory: "next" }))).toBe("saved");
      expect(await given.one.detection()).toMatchObject({ memory: "next" });
    });
  });

  describe("events of incidents", () => {
    test("come back in order, and only those that are not known yet", async () => {
      await lead();
      expect(await given.one.appendIncident(anAppend())).toEqual({ kind: "appended", version: 1 });
      const more = { expectedVersion: 1, events: [closed(2), closed(3)] };
      expect(await given.one.appendIncident(anAppend(more))).toEqual({ kind: "appended", version: 3 });
      await given.one.appendIncident(anAppend({ incident: incidentId(2) }));
      const all = await given.other.incidentEvents({});
      expect(all).toHaveLength(4);
      expect(all.filter(({ incident }) => incident === incidentId(1)).map(({ event }) => event)).toEqual([
        closed(1),
        closed(2),
        closed(3),
      ]);
      const known = { [incidentId(1)]: 2, [incidentId(2)]: 1 };
      expect(await given.other.incidentEvents(known)).toEqual([
        { incident: incidentId(1), version: 3, event: closed(3) },
      ]);
    });

    test("say which version the crash evidence is about, or leave that as it is", async () => {
      await lead();
      await given.one.appendIncident(anAppend({ about }));
      await given.one.appendIncident(anAppend({ expectedVersion: 1 }));
      expect(await given.other.incidents()).toEqual([about]);
      await given.one.appendIncident(anAppend({ expectedVersion: 2, about: { ...about, title: "7-2" } }));
      expect(await given.other.incidents()).toEqual([{ ...about, title: "7-2" }]);
    });

    test("of two who append at once one wins; a replaced leader changes nothing", async () => {
      await lead();
      const answers = await Promise.all([0, 1, 2, 3].map((i) => given.alternate(i).appendIncident(anAppend())));
      expect(answers.map(({ kind }) => kind).sort()).toEqual([
        "appended",
        "stale-version",
        "stale-version",
        "stale-version",
      ]);
      await takeOver();
      const late = { expectedVersion: 1, about };
      expect(await given.one.appendIncident(anAppend(late))).toEqual({ kind: "stale-leader", leaderEpoch: 2 });
      expect(await given.one.incidentEvents({})).toHaveLength(1);
      expect(await given.one.incidents()).toEqual([]);
    });
  });

  test("what the controller may do by itself is what was set last", async () => {
    expect(await given.one.responseRules()).toBeUndefined();
    const rules = [{ source: SOURCE, mode: "act" as const }];
    await given.one.putResponseRules({ rules: [], changedAt: NOON, changedBy: "Ada" });
    await given.other.putResponseRules({ rules, changedAt: later(NOON, 1), changedBy: "Bob" });
    expect(await given.one.responseRules()).toEqual({ rules, changedAt: later(NOON, 1), changedBy: "Bob" });
  });
};
