/** The emergency stop: one person presses it; as many approvers as a plan needs let devices go on. */
import { Button } from "@mantine/core";
import { IconHandStop } from "@tabler/icons-react";
import { useState } from "react";
import type { EmergencyView } from "../../../../protocol/api-emergency.ts";
import { Facts } from "../../components/facts.tsx";
import { Moment } from "../../components/moment.tsx";
import { Notice } from "../../components/notice.tsx";
import { Panel } from "../../components/panel.tsx";
import { StopDialog } from "./stop-dialog.tsx";

export function Stops({ emergency }: { readonly emergency: EmergencyView }) {
  const [isAsked, setAsked] = useState(false);
  return (
    <Panel title="Emergency stop">
      <p>
        <strong>{emergency.sentence}</strong>
      </p>
      {emergency.inForce.map(({ stop, stored, word }) => (
        <Notice key={stop.stopId} tone="bad">
          <Facts
            facts={[
              ["Stopped", <Moment key="at" at={stop.at} />],
              ["By", `${stop.by}: ${stop.because}`],
              ["Kept", stored ? "in the database" : "in a file of the controller, until the database takes it"],
              [
                "To go on",
                word === null
                  ? "approvers can sign when the database is back"
                  : `${word.approvals.filter(({ counts }) => counts).length} of ${word.approvalsNeeded} approvers have signed: ringback emergency approve --key FILE`,
              ],
            ]}
          />
        </Notice>
      ))}
      <Button
        color="var(--bad-fill)"
        leftSection={<IconHandStop size={20} aria-hidden />}
        onClick={() => setAsked(true)}
      >
        Stop everything
      </Button>
      {isAsked && <StopDialog onClose={() => setAsked(false)} />}
    </Panel>
  );
}
