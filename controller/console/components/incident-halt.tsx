/**
 * Halting an incident: says beforehand what it will do, and afterwards what was done, what failed and what waits.
 *
 * One press and one confirmation; nobody's consent is needed.
 */
import { Button } from "@mantine/core";
import { IconHandStop } from "@tabler/icons-react";
import type { z } from "zod";
import type { IncidentHaltAnswer, IncidentView } from "../../../protocol/api-incidents.ts";
import { haltIncident } from "../api/calls.ts";
import { Notice } from "./notice.tsx";
import { ReasonDialog } from "./reason-dialog.tsx";

type HaltAnswer = z.infer<typeof IncidentHaltAnswer>;

/** Why there is nothing to confirm beforehand: the controller knows of nothing that moves. */
const NOTHING_MOVES =
  "As far as is known nothing moves: no rollout of ours runs and the source is still. It is tried all the same.";

interface HaltButtonProps {
  readonly incident: Pick<IncidentView, "title" | "response">;
  readonly onAsk: () => void;
}

export function HaltButton({ incident: { title, response }, onAsk }: HaltButtonProps) {
  return (
    <Button
      {...(response.mayHalt ? { color: "var(--bad-fill)" } : { variant: "default" })}
      leftSection={<IconHandStop size={20} aria-hidden />}
      title="Alt+H"
      aria-keyshortcuts="Alt+H"
      aria-label={`Halt: ${title}`}
      data-halt
      onClick={onAsk}
    >
      Halt
    </Button>
  );
}

interface HaltDialogProps {
  readonly incident: Pick<IncidentView, "id" | "title" | "response">;
  readonly onDone: (answer: HaltAnswer) => void;
  readonly onClose: () => void;
}

export function HaltDialog({ incident: { id, title, response }, onDone, onClose }: HaltDialogProps) {
  return (
    <ReasonDialog
      title={`Halt “${title}” now?`}
      consequences={[
        ...(response.haltWould.length === 0 ? [NOTHING_MOVES] : response.haltWould),
        "Nothing is rolled back by it, and you need nobody's consent.",
      ]}
      label="Reason, for the record"
      reason="Stopped at once; reason to follow"
      charsMax={1_000}
      verb="Halt"
      stops
      act={async (because) => onDone(await haltIncident(id, because))}
      path={`/incidents/${id}/halt`}
      command={`npm run ringback -- incidents halt ${id} --because '...'`}
      onClose={onClose}
    />
  );
}

export function HaltOutcome({ answer: { done, failed, waits } }: { readonly answer: HaltAnswer }) {
  const isNothing = done.length + failed.length + waits.length === 0;
  return (
    <Notice tone={failed.length > 0 ? "bad" : "busy"} alert>
      <p>
        <strong>
          {failed.length > 0 ? "Halted in part: something could not be stopped." : "Halted."}
          {isNothing && " There was nothing to stop."}
        </strong>
      </p>
      <Lines label="Could not be done" lines={failed} />
      <Lines label="Done" lines={done} />
      <Lines label="Waits for a person" lines={waits} />
    </Notice>
  );
}

function Lines({ label, lines }: { readonly label: string; readonly lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <div>
      <p>{label}:</p>
      <ul>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </div>
  );
}
