/** The last look before an approval. What is sent is the digest shown here, so nobody approves what he did not see. */
import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { PlanView } from "../../../../protocol/api.ts";
import { approve } from "../../api/calls.ts";
import styles from "../../components/reason-dialog.module.css";
import { ApiCall } from "../../components/api-call.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { Failure } from "../../components/failure.tsx";
import { counted, duration } from "../../words/numbers.ts";
import { planSize } from "../../words/plans.ts";
import { stepWords } from "../../words/steps.ts";

interface ApproveDialogProps {
  readonly plan: PlanView;
  readonly onClose: () => void;
}

export function ApproveDialog({ plan, onClose }: ApproveDialogProps) {
  const [seen] = useState(plan);
  const client = useQueryClient();
  const approving = useMutation({
    mutationFn: async () => await approve(seen.id, seen.digest),
    onSuccess: async () => {
      onClose();
      await client.invalidateQueries();
    },
  });
  const { title, playbook, waves, strategy, digest } = seen;
  return (
    <Dialog title={`Approve “${title}”?`} onClose={onClose}>
      <div className={styles["form"]}>
        <ul>
          <li>
            {counted(planSize(seen), "device")} in {counted(waves.length, "wave")}, and no other device.
          </li>
          {playbook.steps.map((step, index) => (
            // biome-ignore lint: the steps of a plan never change, their place is their identity
            <li key={index}>{stepWords(step).what}.</li>
          ))}
          <li>Devices may take the order for {duration(strategy.validityMs)} from now.</li>
          <li>Nothing begins before the rollout is started.</li>
        </ul>
        <p>
          Digest <code>{digest}</code>
        </p>
        {approving.error !== null && <Failure error={approving.error} />}
        <div className={styles["buttons"]}>
          <Button onClick={() => approving.mutate()} loading={approving.isPending}>
            Approve {digest.slice(0, 8)}…
          </Button>
          <Button variant="default" onClick={onClose}>
            Go back
          </Button>
        </div>
        <ApiCall path={`/plans/${seen.id}/approve`} method="POST" body={{ digest }} />
      </div>
    </Dialog>
  );
}
