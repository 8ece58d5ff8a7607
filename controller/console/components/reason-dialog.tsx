/**
 * Asks before something happens: says what will happen and wants a reason, which is kept with it.
 *
 * Where the reason is filled in it is selected, so that Enter acts at once and typing replaces it.
 */
import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useRef, useState } from "react";
import styles from "./reason-dialog.module.css";
import { ApiCall } from "./api-call.tsx";
import { Dialog } from "./dialog.tsx";
import { Failure } from "./failure.tsx";

interface ReasonDialogProps {
  readonly title: string;
  readonly consequences: readonly string[];
  readonly label: string;
  readonly reason: string;
  readonly charsMax: number;
  readonly verb: string;
  /** Does it take something away? */
  readonly stops: boolean;
  readonly act: (because: string) => Promise<unknown>;
  readonly path: string;
  /** The same on the command line, where it is said in other words than the call. */
  readonly command?: string;
  /** The button that opened it goes when it has been done. */
  readonly openerGoesAfter?: boolean;
  /** Fields besides the reason, and what they put into the call. */
  readonly fields?: ReactNode;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly onClose: () => void;
}

export function ReasonDialog(props: ReasonDialogProps) {
  const {
    title,
    consequences,
    label,
    charsMax,
    verb,
    stops,
    act,
    path,
    command,
    openerGoesAfter,
    fields,
    body,
    onClose,
  } = props;
  const [because, setBecause] = useState(props.reason);
  const openerGoes = useRef(false);
  const selected = useRef(false);
  const client = useQueryClient();
  const acting = useMutation({
    mutationFn: async () => await act(because.trim()),
    onSuccess: async () => {
      openerGoes.current = openerGoesAfter === true;
      onClose();
      await client.invalidateQueries();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!acting.isPending) acting.mutate();
  };
  return (
    <Dialog title={title} onClose={onClose} openerGoes={openerGoes}>
      <form onSubmit={submit} className={styles["form"]}>
        <ul>
          {consequences.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
        {fields}
        <TextInput
          label={label}
          required
          maxLength={charsMax}
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
        <ApiCall
          path={path}
          method="POST"
          body={{ ...body, because: because.trim() }}
          {...(command === undefined ? {} : { command })}
        />
      </form>
    </Dialog>
  );
}
