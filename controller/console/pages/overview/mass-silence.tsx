/** Many machines fell silent at once, and why is not known: said first and aloud, with the way to stop what is ours. */
import { useState } from "react";
import { Link } from "react-router";
import type { z } from "zod";
import type { IncidentHaltAnswer, IncidentView } from "../../../../protocol/api-incidents.ts";
import { HaltButton, HaltDialog, HaltOutcome } from "../../components/incident-halt.tsx";
import { Notice } from "../../components/notice.tsx";
import { useAltKey } from "../../hooks/use-alt-key.ts";
import styles from "./overview.module.css";

export const isMassSilence = ({ state, cause, content }: IncidentView): boolean =>
  state === "open" && cause === "mass-silence" && content === null;

export function MassSilence({ incident }: { readonly incident: IncidentView }) {
  const [isAsked, setAsked] = useState(false);
  const [halted, setHalted] = useState<z.infer<typeof IncidentHaltAnswer>>();
  useAltKey("H", () => setAsked(true));
  return (
    <>
      <Notice tone="bad" alert>
        <p>
          <strong>Many machines fell silent at once; the cause is not known yet.</strong> {incident.sentence}
        </p>
        <div className={styles["rollout-head"]}>
          <HaltButton incident={incident} onAsk={() => setAsked(true)} />
          <Link to={`/incidents/${incident.id}`}>See what is known</Link>
        </div>
      </Notice>
      {halted !== undefined && <HaltOutcome answer={halted} />}
      {isAsked && <HaltDialog incident={incident} onDone={setHalted} onClose={() => setAsked(false)} />}
    </>
  );
}
