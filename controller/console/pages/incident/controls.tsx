/**
 * What a person can do about the incident. The bar stays in sight while the page scrolls, so that a halt is always one
 * press and one confirmation away; Alt+H presses it.
 */
import { Button } from "@mantine/core";
import { IconFileDescription, IconWand } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import type { z } from "zod";
import type { IncidentHaltAnswer, IncidentView } from "../../../../protocol/api-incidents.ts";
import { Badge } from "../../components/badge.tsx";
import { HaltButton, HaltDialog, HaltOutcome } from "../../components/incident-halt.tsx";
import { useAltKey } from "../../hooks/use-alt-key.ts";
import { CAUSE_LOOKS, STATES } from "../../words/incidents.ts";
import styles from "./incident.module.css";

export function Controls({ incident }: { readonly incident: IncidentView }) {
  const [isAsked, setAsked] = useState(false);
  const [halted, setHalted] = useState<z.infer<typeof IncidentHaltAnswer>>();
  const { id, state, cause, content, mergedInto, response } = incident;
  const isOpen = state === "open";
  useAltKey("H", () => {
    if (isOpen) setAsked(true);
  });
  return (
    <>
      {/* oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a fieldset is for fields */}
      <div className={styles["controls"]} role="group" aria-label="Controls of the incident">
        <Badge {...STATES[state]} size="large" />
        <Badge {...CAUSE_LOOKS[cause]} />
        {isOpen && <HaltButton incident={incident} onAsk={() => setAsked(true)} />}
        {isOpen && response.plan === null && (
          <Button
            component={Link}
            to={`/incidents/${id}/proposal`}
            variant={response.mayHalt || content === null ? "default" : "filled"}
            leftSection={<IconWand size={20} aria-hidden />}
          >
            Prepare rollback
          </Button>
        )}
        {response.plan !== null && (
          <Button
            component={Link}
            to={`/plans/${response.plan}`}
            variant={response.mayHalt ? "default" : "filled"}
            leftSection={<IconFileDescription size={20} aria-hidden />}
          >
            Go to its plan
          </Button>
        )}
        {mergedInto !== null && <Link to={`/incidents/${mergedInto}`}>Go to the incident that took it in</Link>}
      </div>
      {halted !== undefined && <HaltOutcome answer={halted} />}
      {isAsked && <HaltDialog incident={incident} onDone={setHalted} onClose={() => setAsked(false)} />}
    </>
  );
}
