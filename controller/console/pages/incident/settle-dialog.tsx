/** Asks before an incident is closed or opened again; the reason goes into its timeline. */
import type { IncidentView } from "../../../../protocol/api-incidents.ts";
import { settleIncident } from "../../api/calls.ts";
import { ReasonDialog } from "../../components/reason-dialog.tsx";
import { counted } from "../../words/numbers.ts";

const WORDS = {
  close: {
    verb: "Close",
    question: (title: string) => `Close “${title}”?`,
    consequences: ({ affected, unknown }: IncidentView) => [
      ...(affected > 0 ? [`${counted(affected, "machine is", "machines are")} still affected.`] : []),
      ...(unknown > 0 ? [`Of ${counted(unknown, "machine")} nothing is known.`] : []),
      "Nothing on any device changes, and no halted rollout goes on by it.",
      "A version that was convicted stays so: where it turns up again, it is flagged.",
    ],
  },
  reopen: {
    verb: "Reopen",
    question: (title: string) => `Reopen “${title}”?`,
    consequences: () => ["It stands among the open ones again. Nothing is halted by it."],
  },
} as const;

interface SettleDialogProps {
  readonly incident: IncidentView;
  readonly verdict: "close" | "reopen";
  readonly onClose: () => void;
}

export function SettleDialog({ incident, verdict, onClose }: SettleDialogProps) {
  const { verb, question, consequences } = WORDS[verdict];
  return (
    <ReasonDialog
      title={question(incident.title)}
      consequences={consequences(incident)}
      label="Reason, for the timeline"
      reason=""
      charsMax={1_000}
      verb={verb}
      stops={false}
      act={async (because) => await settleIncident(incident.id, verdict, because)}
      path={`/incidents/${incident.id}/${verdict}`}
      command={`npm run ringback -- incidents ${verdict} ${incident.id} --because '...'`}
      openerGoesAfter
      onClose={onClose}
    />
  );
}
