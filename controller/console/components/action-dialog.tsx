/**
 * Asks before something happens to a rollout: says what will happen and wants a reason, which goes into the event log.
 *
 * For a halt the reason is filled in and selected, so that Enter halts at once and typing replaces it.
 */
import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import type { RolloutAction } from "../../../protocol/api.ts";
import type { RolloutId } from "../../../protocol/ids.ts";
import type { WaveCounts } from "../../../protocol/rollout.ts";
import { act } from "../api/calls.ts";
import { ACTIONS } from "../words/actions.ts";
import styles from "./action-dialog.module.css";
import { ApiCall } from "./api-call.tsx";
import { Dialog } from "./dialog.tsx";
import { Failure } from "./failure.tsx";

interface ActionDialogProps {
  readonly action: RolloutAction;
  readonly rollout: { readonly id: RolloutId; readonly title: string; readonly counts: WaveCounts };
  readonly onClose: () => void;
}

export function ActionDialog({ action, rollout, onClose }: ActionDialogProps) {
  const { verb, question, consequences, reason } = ACTIONS[action];
  const [because, setBecause] = useState(reason);
  const client = useQueryClient();
  const acting = useMutation({
    mutationFn: async () => await act(rollout.id, action, because.trim()),
    onSuccess: async () => {
      onClose();
      await client.invalidateQueries();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!acting.isPending) acting.mutate();
  };
  const selected = useRef(false);
  const stops = action === "halt" || action === "abort";
  return (
    <Dialog title={question(rollout.title)} onClose={onClose}>
      <form onSubmit={submit} className={styles["form"]}>
        <ul>
          {consequences(rollout.counts).map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
        <TextInput
          label="Reason, for the event log"
          required
          maxLength={1_000}
          value={because}
          onChange={(event) => setBecause(event.currentTarget.value)}
          onFocus={(event) => {
            if (!selected.current) event.currentTarget.select();
            selected.current = true;
          }}
        />
        {acting.error !== null && <Failure error={acting.error} />}
        <div className={styles["buttons"]}>
          <Button type="submit" color={stops ? "var(--bad-fill)" : "var(--accent-fill)"} loading={acting.isPending}>
            {verb}
          </Button>
          <Button variant="default" onClick={onClose}>
            Go back
          </Button>
        </div>
        <ApiCall path={`/rollouts/${rollout.id}/${action}`} method="POST" body={{ because: because.trim() }} />
      </form>
    </Dialog>
  );
}
