/** What can be pressed: make the plan, or halt the incident first. The bar stays in sight while the page scrolls. */
import { Button } from "@mantine/core";
import { IconFilePlus } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { z } from "zod";
import type { IncidentHaltAnswer, IncidentView } from "../../../../protocol/api-incidents.ts";
import type { PlanProposal } from "../../../../protocol/api-proposals.ts";
import type { PlanId } from "../../../../protocol/ids.ts";
import { type Chosen, planIncident } from "../../api/calls.ts";
import { Failure } from "../../components/failure.tsx";
import { HaltButton, HaltDialog, HaltOutcome } from "../../components/incident-halt.tsx";
import { Notice } from "../../components/notice.tsx";
import { useAltKey } from "../../hooks/use-alt-key.ts";
import { counted } from "../../words/numbers.ts";
import incidentStyles from "../incident/incident.module.css";

interface ControlsProps {
  readonly proposal: PlanProposal;
  readonly incident: IncidentView | undefined;
  /** Undefined while something is missing. */
  readonly chosen: Chosen | undefined;
  /** It is the proposal for the choice before: what is made now would be another. */
  readonly isFormer: boolean;
  readonly onMade: (plan: PlanId) => void;
}

export function Controls({ proposal, incident, chosen, isFormer, onMade }: ControlsProps) {
  const [keys] = useState(() => new Map<string, string>());
  /** Another choice is another plan; the same one, pressed twice, is not. */
  const idempotencyKeyOf = (made: Chosen | undefined): string => {
    const choice = JSON.stringify(made);
    const key = keys.get(choice) ?? crypto.randomUUID();
    keys.set(choice, key);
    return key;
  };
  const [isAsked, setAsked] = useState(false);
  const [halted, setHalted] = useState<z.infer<typeof IncidentHaltAnswer>>();
  const isOpen = incident?.state === "open";
  useAltKey("H", () => {
    if (isOpen) setAsked(true);
  });
  const making = useMutation({
    mutationFn: async () => await planIncident(proposal.incident, chosen ?? {}, idempotencyKeyOf(chosen)),
    onSuccess: ({ id }) => onMade(id),
  });
  return (
    <>
      {/* oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a fieldset is for fields */}
      <div className={incidentStyles["controls"]} role="group" aria-label="Controls of the proposal">
        <Button
          leftSection={<IconFilePlus size={20} aria-hidden />}
          disabled={chosen === undefined || isFormer}
          loading={making.isPending}
          onClick={() => making.mutate()}
        >
          Make the plan
        </Button>
        {isOpen && <HaltButton incident={incident} onAsk={() => setAsked(true)} />}
        <span>
          {chosen === undefined
            ? "It cannot be made yet: see what is missing."
            : `${counted(proposal.targets, "machine")}; nothing happens before approvers have signed.`}
        </span>
      </div>
      {making.error !== null && <Failure error={making.error} />}
      {halted !== undefined && <HaltOutcome answer={halted} />}
      {isAsked && isOpen && <HaltDialog incident={incident} onDone={setHalted} onClose={() => setAsked(false)} />}
      {proposal.warnings.length > 0 && (
        <Notice tone="warn">
          <p>
            <strong>Mind before you make it:</strong>
          </p>
          <ul>
            {proposal.warnings.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </Notice>
      )}
    </>
  );
}
