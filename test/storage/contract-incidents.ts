/** Incidents and the crashes kept with them. */
import { describe, expect, test } from "vitest";
import type { IncidentCrash, IncidentRow } from "../../controller/store/incidents.ts";
import { later } from "../../protocol/time.ts";
import { aBoot, device, NOON } from "../support/fleet-builders.ts";
import { hash, incidentId, SOURCE } from "../support/record-builders.ts";
import type { Given } from "./given.ts";

const incident = (n: number): IncidentRow => ({
  id: incidentId(n),
  title: `Incident ${n}`,
  source: SOURCE,
  sha256: hash("bad"),
  evidence: 'It\'s "down"',
  declaredAt: later(NOON, n),
  declaredBy: "Ada",
});
const crash = (of: number, n: number, tries = 1): IncidentCrash => ({
  incident: incidentId(of),
  device: device(n),
  at: later(NOON, tries),
  boot: aBoot({ tries }),
});

export const incidentsContract = (given: Given): void => {
  describe("incidents", () => {
    test("come back as they were declared, oldest first", async () => {
      await given.one.addIncident(incident(2));
      await given.other.addIncident(incident(1));
      expect(await given.one.incidents()).toEqual([incident(1), incident(2)]);
      await expect(given.other.addIncident(incident(1))).rejects.toThrow(/constraint/i);
    });

    test("keep one crash a device, the last that was given, and each their own", async () => {
      await given.one.addIncident(incident(1));
      await given.one.addIncident(incident(2));
      await given.one.pinCrashes([crash(1, 1), crash(1, 2), crash(2, 1)]);
      await given.other.pinCrashes([crash(1, 1, 7), crash(1, 3)]);
      await given.other.pinCrashes([]);
      expect(await given.one.crashesOf(incidentId(1), null, 10)).toEqual([crash(1, 1, 7), crash(1, 2), crash(1, 3)]);
      expect(await given.one.crashesOf(incidentId(1), device(1), 1)).toEqual([crash(1, 2)]);
      expect(await given.other.crashesOf(incidentId(2), null, 10)).toEqual([crash(2, 1)]);
    });

    test("refuse a crash of an incident that is not there, and keep none of its batch", async () => {
      await given.one.addIncident(incident(1));
      await expect(given.one.pinCrashes([crash(1, 1), crash(9, 1)])).rejects.toThrow(/foreign key/i);
      expect(await given.one.crashesOf(incidentId(1), null, 10)).toEqual([]);
    });
  });
};
