/** Asks before a device is let in or shut out: says what it means and wants a reason, which goes into the record. */
import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import type { DeviceStanding } from "../../../protocol/enrolment.ts";
import type { DeviceId } from "../../../protocol/ids.ts";
import { setStanding } from "../api/calls.ts";
import { type Verdict, VERDICTS } from "../words/standings.ts";
import styles from "./action-dialog.module.css";
import { ApiCall } from "./api-call.tsx";
import { Dialog } from "./dialog.tsx";
import { Failure } from "./failure.tsx";

interface StandingDialogProps {
  readonly verdict: Verdict;
  readonly device: { readonly id: DeviceId; readonly name: string; readonly standing: DeviceStanding };
  readonly onClose: () => void;
}

export function StandingDialog({ verdict, device, onClose }: StandingDialogProps) {
  const { verb, question, consequences } = VERDICTS[verdict];
  const [because, setBecause] = useState("");
  const openerGoes = useRef(false);
  const client = useQueryClient();
  const deciding = useMutation({
    mutationFn: async () => await setStanding(device.id, verdict, because.trim()),
    onSuccess: async () => {
      openerGoes.current = true;
      onClose();
      await client.invalidateQueries();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!deciding.isPending) deciding.mutate();
  };
  return (
    <Dialog title={question(device.name)} onClose={onClose} openerGoes={openerGoes}>
      <form onSubmit={submit} className={styles["form"]}>
        <ul>
          {consequences(device.standing).map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
        <TextInput
          label="Reason, for the record"
          required
          maxLength={500}
          value={because}
          onChange={(event) => setBecause(event.currentTarget.value)}
        />
        {deciding.error !== null && <Failure error={deciding.error} />}
        <div className={styles["buttons"]}>
          <Button
            type="submit"
            color={verdict === "revoke" ? "var(--bad-fill)" : "var(--accent-fill)"}
            loading={deciding.isPending}
          >
            {verb}
          </Button>
          <Button variant="default" onClick={onClose}>
            Go back
          </Button>
        </div>
        <ApiCall
          path={`/devices/${device.id}/${verdict}`}
          method="POST"
          body={{ because: because.trim() }}
          command={`npm run ringback -- devices ${verdict} ${device.id}`}
        />
      </form>
    </Dialog>
  );
}
