/**
 * A small controller in memory, for tests of what stands in front of it: the API, the command line, the console.
 *
 * It keeps what it is given and refuses what the real one refuses, but no engine runs: a test moves a rollout by
 * `change`. Ids and times are counted, so a run repeats. Each part stands for the desk of that name in
 * `controller/administration/`, and says where it knows less.
 */
import type { Administration } from "../../controller/ports/administration.ts";
import { detectionPart } from "./fake-administration/detection.ts";
import { devicesPart } from "./fake-administration/devices.ts";
import { emergencyPart } from "./fake-administration/emergency.ts";
import { enrolmentPart } from "./fake-administration/enrolment.ts";
import { fleetPart } from "./fake-administration/fleet.ts";
import { incidentsPart, type ShownIncidents } from "./fake-administration/incidents.ts";
import { plansPart } from "./fake-administration/plans.ts";
import { proposalsPart } from "./fake-administration/proposals.ts";
import { FakeRecord } from "./fake-administration/record.ts";
import { rolloutsPart } from "./fake-administration/rollouts.ts";
import { trustPart } from "./fake-administration/trust.ts";
import { webhooksPart } from "./fake-administration/webhooks.ts";

/** What a test puts there, it puts into the record; the parts read it from there. */
export interface FakeAdministration extends FakeRecord, Administration, ShownIncidents {}

export function fakeAdministration(): FakeAdministration {
  const record = new FakeRecord();
  const plans = plansPart(record);
  return Object.assign(record, {
    ...fleetPart(record),
    ...devicesPart(record),
    ...enrolmentPart(record),
    ...incidentsPart(record),
    ...detectionPart(record),
    ...proposalsPart(record, plans),
    ...plans,
    ...rolloutsPart(record),
    ...trustPart(record),
    ...emergencyPart(record),
    ...webhooksPart(record),
  });
}
