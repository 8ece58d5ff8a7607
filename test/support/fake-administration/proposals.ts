/** Stands for the proposal desk. What is proposed, and what devices answer to a dry run, is what a test put there. */
import type { IncidentId } from "../../../protocol/ids.ts";
import type { ProposalDesk } from "../../../controller/ports/incident-desks.ts";
import type { PlanDesk } from "../../../controller/ports/rollout-desks.ts";
import { Refused } from "../../../controller/ports/refused.ts";
import type { FakeRecord } from "./record.ts";

export function proposalsPart(record: FakeRecord, { makePlan }: Pick<PlanDesk, "makePlan">): ProposalDesk {
  async function incidentProposal(id: IncidentId): ReturnType<ProposalDesk["incidentProposal"]> {
    record.mayFail("incidentProposal");
    record.incidentOf(id);
    return { incident: id, ...record.proposed, asOf: record.now() };
  }

  async function dryRun(id: IncidentId): ReturnType<ProposalDesk["dryRun"]> {
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
