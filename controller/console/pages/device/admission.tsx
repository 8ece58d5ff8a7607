/** Whether the device is let in, since when and why, what that means, and a person's yes or no to it. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import type { DeviceView } from "../../../../protocol/api.ts";
import { Badge } from "../../components/badge.tsx";
import { Facts } from "../../components/facts.tsx";
import { Moment } from "../../components/moment.tsx";
import { Notice } from "../../components/notice.tsx";
import { Panel } from "../../components/panel.tsx";
import { StandingDialog } from "../../components/standing-dialog.tsx";
import { STANDINGS, type Verdict, VERDICTS } from "../../words/standings.ts";
import styles from "./device.module.css";

const BINDINGS = {
  direct: "bound to its TLS connection, which ends in the controller",
  front: "by its key; TLS ends in a front before the controller",
} as const;

export function Admission({ device }: { readonly device: DeviceView }) {
  const [asked, setAsked] = useState<Verdict>();
  const { standing, standingSince, standingBecause, standingAdvice, counts, group, image, binding } = device;
  const { word, meaning, tone, Icon, verdicts } = STANDINGS[standing];
  return (
    <Panel title="Let in or not">
      <div className={styles["standing"]}>
        <p className={styles["badge-line"]}>
          <Badge tone={tone} Icon={Icon} word={word} title={meaning} size="large" />
          <span>
            since <Moment at={standingSince} />
          </span>
        </p>
        <p>{standingBecause}</p>
        {standingAdvice !== null && (
          <Notice tone={standing === "accepted" ? "busy" : tone === "bad" ? "bad" : "warn"}>
            <p>{standingAdvice}</p>
          </Notice>
        )}
        <Facts
          facts={[
            ["In counts, gates and plans", counts ? "yes" : "no"],
            ["Group it enrolled for", group ?? "none: a person registered it"],
            ["Image", image],
            ["Logs in", BINDINGS[binding]],
          ]}
        />
        <p className={styles["badge-line"]}>
          {verdicts.map((verdict) => (
            <Button key={verdict} variant="default" onClick={() => setAsked(verdict)}>
              {VERDICTS[verdict].verb}
            </Button>
          ))}
          {standing === "pending" && <Link to="/devices?standing=pending">All that wait</Link>}
        </p>
        {asked !== undefined && <StandingDialog verdict={asked} device={device} onClose={() => setAsked(undefined)} />}
      </div>
    </Panel>
  );
}
