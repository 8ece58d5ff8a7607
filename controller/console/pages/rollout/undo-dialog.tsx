/** Undo is a new plan with an approval of its own, because it may bring the faulty version back. This makes the plan. */
import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import type { RolloutView } from "../../../../protocol/api.ts";
import { makeUndoPlan } from "../../api/calls.ts";
import styles from "../../components/reason-dialog.module.css";
import { ApiCall } from "../../components/api-call.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { Failure } from "../../components/failure.tsx";
import { counted } from "../../words/numbers.ts";

interface UndoDialogProps {
  readonly rollout: RolloutView;
  readonly onClose: () => void;
}

export function UndoDialog({ rollout, onClose }: UndoDialogProps) {
  const navigate = useNavigate();
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  const making = useMutation({
    mutationFn: async () => await makeUndoPlan(rollout.id, idempotencyKey),
    onSuccess: async ({ id }) => await navigate(`/plans/${id}`),
  });
  const isRunning = rollout.phase === "running";
  return (
    <Dialog title={`Make a plan that undoes “${rollout.title}”?`} onClose={onClose}>
      <div className={styles["form"]}>
        <ul>
          <li>Nothing happens on any device now. You get a plan to read, which must be approved and then started.</li>
          <li>
            It takes back what was done on {counted(rollout.counts.succeeded, "device")} and may bring the faulty
            version back.
          </li>
          {isRunning && (
            <li>
              <strong>This rollout still runs.</strong> Pause, halt or abort it first, so that it does not do again what
              is undone.
            </li>
          )}
        </ul>
        {making.error !== null && <Failure error={making.error} />}
        <div className={styles["buttons"]}>
          {!isRunning && (
            <Button onClick={() => making.mutate()} loading={making.isPending}>
              Make the undo plan
            </Button>
          )}
          <Button variant="default" onClick={onClose}>
            Go back
          </Button>
        </div>
        {!isRunning && <ApiCall path={`/rollouts/${rollout.id}/undo`} method="POST" />}
      </div>
    </Dialog>
  );
}
