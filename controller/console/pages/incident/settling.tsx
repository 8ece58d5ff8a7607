/** What ends an incident or takes that back: close, merge into another, reopen. */
import { Button } from "@mantine/core";
import { useState } from "react";
import type { IncidentView } from "../../../../protocol/api-incidents.ts";
import styles from "./incident.module.css";
import { MergeDialog } from "./merge-dialog.tsx";
import { SettleDialog } from "./settle-dialog.tsx";

const VERBS = { merge: "Merge", close: "Close", reopen: "Reopen" } as const;
const POSSIBLE = { open: ["merge", "close"], closed: ["reopen"], merged: [] } as const;

export function Settling({ incident }: { readonly incident: IncidentView }) {
  const [asked, setAsked] = useState<keyof typeof VERBS>();
  const close = (): void => setAsked(undefined);
  return (
    <div className={styles["buttons"]}>
      {POSSIBLE[incident.state].map((verb) => (
        <Button key={verb} variant="default" size="compact-md" onClick={() => setAsked(verb)}>
          {VERBS[verb]}
        </Button>
      ))}
      {asked === "merge" && <MergeDialog incident={incident} onClose={close} />}
      {(asked === "close" || asked === "reopen") && (
        <SettleDialog incident={incident} verdict={asked} onClose={close} />
      )}
    </div>
  );
}
