/** Who sets the controller up, and with which code. */
import { Button, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { setUp } from "../../api/calls.ts";
import { ApiProblem } from "../../api/errors.ts";
import { Notice } from "../../components/notice.tsx";
import styles from "./setup.module.css";

interface SetupFormProps {
  /** Empty if the page was opened without the link. */
  readonly codeFromLink: string;
  readonly onDone: (token: string) => void;
}

export function SetupForm({ codeFromLink, onDone }: SetupFormProps) {
  const [name, setName] = useState("");
  const [code, setCode] = useState(codeFromLink);
  const settingUp = useMutation({
    mutationFn: async () => await setUp(code.trim(), name.trim()),
    onSuccess: ({ token }) => onDone(token),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    settingUp.mutate();
  };
  return (
    <form onSubmit={submit} className={styles["form"]}>
      <h1>Set up this controller</h1>
      <p>
        You are the first administrator. Your name stands beside what you do: in approvals, stops and the event log.
      </p>
      <TextInput
        label="Your name"
        autoComplete="name"
        maxLength={100}
        required
        data-autofocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      {codeFromLink === "" && (
        <TextInput
          label="Set-up code"
          description="The part of the link after “code=”. The controller printed the link on its terminal."
          autoComplete="off"
          required
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
      )}
      {settingUp.error !== null && <Refusal error={settingUp.error} />}
      <div>
        <Button type="submit" size="md" loading={settingUp.isPending}>
          Set up
        </Button>
      </div>
    </form>
  );
}

/** A code that is not good and an API that has no set-up (any more) look alike to the person: they need a new link. */
function Refusal({ error }: { readonly error: Error }) {
  const needsNewLink = error instanceof ApiProblem && (error.code === "not-allowed" || error.code === "not-found");
  if (!needsNewLink) {
    return (
      <Notice tone="bad" alert>
        <p>{error.message}</p>
      </Notice>
    );
  }
  return (
    <Notice tone="bad" alert>
      <p>
        <strong>This set-up code is not good, or not any more.</strong> A code works once, and not for long.
      </p>
      <p>
        Restart the controller with <code>--setup-link</code>. It prints a new link on its terminal: open that one. If
        it was not you who used the code, somebody else has set this controller up: find out who before you go on.
      </p>
      {error.requestId !== undefined && <p className="muted">Request {error.requestId}</p>}
    </Notice>
  );
}
