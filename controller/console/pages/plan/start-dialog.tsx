/** Starts the rollout of an approved plan. */
import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import type { PlanView } from "../../../../protocol/api.ts";
import { startRollout } from "../../api/calls.ts";
import styles from "../../components/reason-dialog.module.css";
import { ApiCall } from "../../components/api-call.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { Failure } from "../../components/failure.tsx";
import { counted } from "../../words/numbers.ts";

interface StartDialogProps {
  readonly plan: PlanView;
  readonly onClose: () => void;
}

export function StartDialog({ plan, onClose }: StartDialogProps) {
  const navigate = useNavigate();
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  const starting = useMutation({
    mutationFn: async () => await startRollout(plan.id, idempotencyKey),
    onSuccess: async ({ id }) => await navigate(`/rollouts/${id}`),
  });
  const first = plan.waves[0];
  return (
    <Dialog title={`Start “${plan.title}”?`} onClose={onClose}>
      <div className={styles["form"]}>
        <ul>
          {first !== undefined && (
            <li>
              Wave 1, {first.name}, opens at once: {counted(first.deviceCount, "device")}.
            </li>
          )}
          <li>Each further wave opens only when the gate before it has passed.</li>
          <li>You can halt it at any time.</li>
        </ul>
        {starting.error !== null && <Failure error={starting.error} />}
        <div className={styles["buttons"]}>
          <Button onClick={() => starting.mutate()} loading={starting.isPending}>
            Start
          </Button>
          <Button variant="default" onClick={onClose}>
            Go back
          </Button>
        </div>
        <ApiCall path="/rollouts" method="POST" body={{ plan: plan.id }} />
      </div>
    </Dialog>
  );
}
