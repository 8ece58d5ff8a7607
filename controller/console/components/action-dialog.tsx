/** Asks before something happens to a rollout; the reason goes into the event log. */
import type { RolloutAction } from "../../../protocol/api.ts";
import type { RolloutId } from "../../../protocol/ids.ts";
import type { WaveCounts } from "../../../protocol/rollout.ts";
import { act } from "../api/calls.ts";
import { ACTIONS } from "../words/actions.ts";
import { ReasonDialog } from "./reason-dialog.tsx";

interface ActionDialogProps {
  readonly action: RolloutAction;
  readonly rollout: { readonly id: RolloutId; readonly title: string; readonly counts: WaveCounts };
  readonly onClose: () => void;
}

export function ActionDialog({ action, rollout, onClose }: ActionDialogProps) {
  const { verb, question, consequences, reason } = ACTIONS[action];
  return (
    <ReasonDialog
      title={question(rollout.title)}
      consequences={consequences(rollout.counts)}
      label="Reason, for the event log"
      reason={reason}
      charsMax={1_000}
      verb={verb}
      stops={action === "halt" || action === "abort"}
      act={async (because) => await act(rollout.id, action, because)}
      path={`/rollouts/${rollout.id}/${action}`}
      onClose={onClose}
    />
  );
}
