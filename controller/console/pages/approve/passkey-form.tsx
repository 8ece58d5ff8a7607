/** Whose passkey it is to be. */
import { Button, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Slug } from "../../../../protocol/names.ts";
import type { Holder, TrustDocument } from "../../../../protocol/trust-document.ts";
import { Notice } from "../../components/notice.tsx";
import { Panel } from "../../components/panel.tsx";
import { passkeyHolders } from "../../passkeys/may-approve.ts";
import { makePasskey } from "../../passkeys/passkey.ts";
import styles from "./approve.module.css";

interface PasskeyFormProps {
  readonly document: TrustDocument;
  readonly onMade: (holder: Holder) => void;
}

export function PasskeyForm({ document, onMade }: PasskeyFormProps) {
  const [person, setPerson] = useState("");
  const [name, setName] = useState("");
  const rpId = document.passkeys?.rpId ?? globalThis.location.hostname;
  const making = useMutation({
    mutationFn: async () => {
      const known = passkeyHolders(document).filter(({ holder }) => holder.person === person.trim());
      return await makePasskey(
        rpId,
        person.trim(),
        name.trim(),
        known.map(({ credentialId }) => credentialId),
      );
    },
    onSuccess: (outcome) => {
      if (outcome.kind === "made") onMade(outcome.holder);
    },
  });
  const isSlug = person === "" || Slug.safeParse(person.trim()).success;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isSlug) making.mutate();
  };
  return (
    <Panel title="Yours">
      <p>
        Its secret half never leaves your device. You get its public half as a record, for whoever keeps the trust
        document. <strong>It approves nothing until the holders of the root keys have signed it in.</strong>
      </p>
      <form onSubmit={submit} className={styles["form"]}>
        <TextInput
          label="Short name"
          description="As the trust document is to name you: lower-case letters, digits and hyphens"
          autoComplete="username"
          required
          maxLength={63}
          error={isSlug ? undefined : "Only lower-case letters, digits and hyphens"}
          value={person}
          onChange={(event) => setPerson(event.currentTarget.value)}
        />
        <TextInput
          label="Full name"
          autoComplete="name"
          required
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <p className="muted">
          It will work for approvals at <code>{rpId}</code>.
        </p>
        <div className={styles["buttons"]}>
          <Button type="submit" loading={making.isPending}>
            Make a passkey
          </Button>
        </div>
      </form>
      <div aria-live="polite">
        {making.data?.kind === "not-done" && (
          <Notice tone="warn">
            <p>{making.data.because}</p>
          </Notice>
        )}
      </div>
    </Panel>
  );
}
