/**
 * From an incident to a plan: which playbook fits and why, what it would do where, who is left out, how long it would
 * take, and what a few devices say to it. Nothing happens on any device here: a plan still needs its approvers.
 */
import { useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { IncidentView } from "../../../../protocol/api-incidents.ts";
import { PlanProposal } from "../../../../protocol/api-proposals.ts";
import { IncidentId } from "../../../../protocol/ids.ts";
import type { LibraryParameters } from "../../../../protocol/library.ts";
import { Slug } from "../../../../protocol/names.ts";
import type { Chosen } from "../../api/calls.ts";
import { ApiCall } from "../../components/api-call.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { useIdParam } from "../../hooks/use-id-param.ts";
import { useView, type View } from "../../hooks/use-view.ts";
import { completed } from "../../words/parameters.ts";
import { NotFound } from "../lost.tsx";
import { PlanSteps } from "../plan/plan-steps.tsx";
import { Choose } from "./choose.tsx";
import { Controls } from "./controls.tsx";
import { DryRun } from "./dry-run.tsx";
import { Missing } from "./missing.tsx";
import { Targets } from "./targets.tsx";
import { WhatIf } from "./what-if.tsx";

export function ProposalPage() {
  const id = useIdParam("incident", IncidentId);
  return id === undefined ? <NotFound /> : <Proposal key={id} id={id} />;
}

function Proposal({ id }: { readonly id: IncidentId }) {
  const [query, setQuery] = useSearchParams();
  const navigate = useNavigate();
  const [typed, setTyped] = useState<LibraryParameters>({});
  const playbook = query.get("playbook") ?? undefined;
  const search = playbook === undefined ? "" : `?${new URLSearchParams({ playbook }).toString()}`;
  const path = `/incidents/${id}/proposal${search}`;
  const view: View<PlanProposal> = useView(PlanProposal, path, [{ topic: "incident" }, { topic: "fleet" }], {
    keepFormer: true,
  });
  const incident = useView(IncidentView, `/incidents/${id}`, [{ topic: "incident" }, { topic: "rollout" }]);
  const crumbs = [
    { to: "/incidents", name: "Incidents" },
    { to: `/incidents/${id}`, name: incident.kind === "here" ? incident.data.title : "Incident" },
  ];
  const chosenOf = ({ missing }: PlanProposal): Chosen | undefined => {
    const parameters = completed(missing, typed);
    if (parameters === undefined) return undefined;
    return { playbook: Slug.safeParse(playbook).data, ...(missing.length === 0 ? {} : { parameters }) };
  };
  return (
    <PageFrame title="Prepare rollback" view={view} asOf={({ asOf }) => asOf} crumbs={crumbs}>
      {(proposal) => (
        <>
          <Controls
            proposal={proposal}
            incident={incident.kind === "here" ? incident.data : undefined}
            chosen={chosenOf(proposal)}
            isFormer={view.kind === "here" && view.isFormer}
            onMade={(plan) => void navigate(`/plans/${plan}`)}
          />
          <Missing missing={proposal.missing} typed={typed} onType={setTyped} />
          <Choose proposal={proposal} onChoose={(name) => setQuery({ playbook: name }, { preventScrollReset: true })} />
          {proposal.request !== null && <PlanSteps plan={proposal.request} />}
          <Targets proposal={proposal} />
          {proposal.whatIf.length > 0 && <WhatIf whatIf={proposal.whatIf} targets={proposal.targets} />}
          <DryRun incident={id} chosen={chosenOf(proposal)} request={proposal.request} />
          <ApiCall
            path={path}
            command={`npm run ringback -- incidents proposal ${id}${playbook === undefined ? "" : ` --playbook ${playbook}`}`}
          />
        </>
      )}
    </PageFrame>
  );
}
