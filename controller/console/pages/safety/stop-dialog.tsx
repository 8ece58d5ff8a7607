/** Asks once before everything stops. */
import { stopEverything } from "../../api/calls.ts";
import { ReasonDialog } from "../../components/reason-dialog.tsx";

const CONSEQUENCES = [
  "Every rollout is halted, and no device takes a new step. Each finishes to a safe point.",
  "Devices that are not connected hear of it when they come.",
  "You need nobody's consent. To go on, as many approvers must sign as for a plan.",
];

export function StopDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <ReasonDialog
      title="Stop everything?"
      consequences={CONSEQUENCES}
      label="Reason, for the record"
      reason="Something is going wrong; looking into it"
      charsMax={1_000}
      verb="Stop everything"
      stops
      act={stopEverything}
      path="/emergency-stop"
      onClose={onClose}
    />
  );
}
