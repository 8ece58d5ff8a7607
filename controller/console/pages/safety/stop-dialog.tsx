/** Asks once before everything stops. The reason is filled in and selected: Enter stops at once, typing replaces it. */
import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { stopEverything } from "../../api/calls.ts";
import styles from "../../components/action-dialog.module.css";
import { ApiCall } from "../../components/api-call.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { Failure } from "../../components/failure.tsx";

export function StopDialog({ onClose }: { readonly onClose: () => void }) {
  const [because, setBecause] = useState("Something is going wrong; looking into it");
  const client = useQueryClient();
  const stopping = useMutation({
    mutationFn: async () => await stopEverything(because.trim()),
    onSuccess: async () => {
      onClose();
      await client.invalidateQueries();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!stopping.isPending) stopping.mutate();
  };
  const selected = useRef(false);
  return (
    <Dialog title="Stop everything?" onClose={onClose}>
      <form onSubmit={submit} className={styles["form"]}>
        <ul>
          <li>Every rollout is halted, and no device takes a new step. Each finishes to a safe point.</li>
          <li>Devices that are not connected hear of it when they come.</li>
          <li>You need nobody's consent. To go on, as many approvers must sign as for a plan.</li>
        </ul>
        <TextInput
          label="Reason, for the record"
          required
          maxLength={1_000}
          value={because}
          onChange={(event) => setBecause(event.currentTarget.value)}
          onFocus={(event) => {
            if (!selected.current) event.currentTarget.select();
            selected.current = true;
          }}
        />
        {stopping.error !== null && <Failure error={stopping.error} />}
        <div className={styles["buttons"]}>
          <Button type="submit" color="var(--bad-fill)" loading={stopping.isPending}>
            Stop everything
          </Button>
          <Button variant="default" onClick={onClose}>
            Go back
          </Button>
        </div>
        <ApiCall path="/emergency-stop" method="POST" body={{ because: because.trim() }} />
      </form>
    </Dialog>
  );
}
