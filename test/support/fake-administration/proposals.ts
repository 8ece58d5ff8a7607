/** Stands for the proposal desk. What is proposed, and what devices answer to a dry run, is what a test put there. */
import type { IncidentId } from "../../../protocol/ids.ts";
import { type Administration, Refused } from "../../../controller/ports.ts";
import type { FakeRecord } from "./record.ts";

export function proposalsPart(
  record: FakeRecord,
  { makePlan }: Pick<Administration, "makePlan">,
): Pick<Administration, "library" | "incidentProposal" | "planIncident" | "startDryRun" | "dryRun"> {
  async function incidentProposal(id: IncidentId): ReturnType<Administration["incidentProposal"]> {
    record.mayFail("incidentProposal");
    record.incidentOf(id);
    return { incident: id, ...record.proposed, asOf: record.now() };
  }

  async function dryRun(id: IncidentId): ReturnType<Administration["dryRun"]> {
    record.incidentOf(id);
    const devices = [...record.dryRunAnswers];
    return { devices, sentence: `${devices.length} devices were asked. Nothing was changed.`, asOf: record.now() };
  }

  return {
    async library() {
      return { items: [...record.playbooks], asOf: record.now() };
    },
    incidentProposal,
    async planIncident(id, _request, by) {
      const { request, because } = await incidentProposal(id);
      if (request === null) throw new Refused("wrong-state", because);
      return makePlan(request, by);
    },
    startDryRun: dryRun,
    dryRun,
  };
}
