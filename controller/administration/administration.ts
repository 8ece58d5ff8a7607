/**
 * The controller as people see it, without HTTP: reads from memory, writes through the orchestrator's queue.
 *
 * Invariant: a request is carried out whole or refused whole, with the reason and the path of the fault.
 */
import type { Administration } from "../ports/administration.ts";
import type { Desk } from "./desk.ts";
import { deviceDesk } from "./device-desk.ts";
import { enrolmentDesk } from "./enrolment-desk.ts";
import { emergencyDesk } from "./emergency-desk.ts";
import { evidenceDesk } from "./evidence-desk.ts";
import { fleetDesk } from "./fleet-desk.ts";
import { holdDesk } from "./hold-desk.ts";
import { detectionDesk } from "./detection-desk.ts";
import { haltDesk } from "./halt-desk.ts";
import { incidentDesk } from "./incident-desk.ts";
import { notifyDesk, type NotifyParts } from "./notify-desk.ts";
import { planDesk } from "./plan-desk.ts";
import { proposalDesk, type ProposalParts } from "./proposal-desk.ts";
import { refusalDesk } from "./refusal-desk.ts";
import { rolloutDesk } from "./rollout-desk.ts";
import { trustDesk } from "./trust-desk.ts";

/** What the controller has beside the record. Left out, nothing is proposed and nobody is asked. */
export type AdministrationParts = ProposalParts & NotifyParts;
const NOTHING: AdministrationParts = {
  library: [],
  dryRuns: { ask: () => ({ answers: new Map(), done: Promise.resolve() }) },
  webhooks: null,
  vendors: { list: () => [] },
};

export function openAdministration(desk: Desk, parts: Partial<AdministrationParts> = {}): Administration {
  const { orchestrator } = desk;
  const incidents = incidentDesk(desk);
  const plans = planDesk(desk);
  return {
    ...fleetDesk(desk),
    ...deviceDesk(desk),
    ...enrolmentDesk(desk),
    ...incidents,
    ...haltDesk(desk),
    ...detectionDesk(desk),
    ...plans,
    ...proposalDesk(desk, { ...NOTHING, ...parts }, { ...incidents, ...plans }),
    ...notifyDesk(desk, { ...NOTHING, ...parts }),
    ...rolloutDesk(desk),
    ...evidenceDesk(desk),
    ...trustDesk(desk),
    ...emergencyDesk(desk),
    ...holdDesk(desk),
    ...refusalDesk(desk),
    onNotice: (call) => orchestrator.notices.listen(call),
    noticesAfter: (id) => orchestrator.notices.after(id),
  };
}
