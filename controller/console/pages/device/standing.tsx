/** Who the device is, how it does and why. */
import type { DeviceView } from "../../../../protocol/api.ts";
import { Badge } from "../../components/badge.tsx";
import { Copyable } from "../../components/copyable.tsx";
import { Facts } from "../../components/facts.tsx";
import { Moment } from "../../components/moment.tsx";
import { Panel } from "../../components/panel.tsx";
import { CONDITIONS } from "../../words/conditions.ts";
import { duration } from "../../words/numbers.ts";
import { connectionWords } from "../../words/devices.ts";
import { Link } from "react-router";
import styles from "./device.module.css";

export function Standing({ device, now }: { readonly device: DeviceView; readonly now: number }) {
  const { id, condition, because, connected, site, role, registeredAt, lastHeardAt, lastBoot } = device;
  const { word, meaning, tone, Icon } = CONDITIONS[condition];
  const connection = connectionWords(connected);
  const list = (name: string, value: string): string => `/devices?${new URLSearchParams([[name, value]]).toString()}`;
  return (
    <Panel title="Condition">
      <div className={styles["standing"]}>
        <p className={styles["badge-line"]}>
          <Badge tone={tone} Icon={Icon} word={word} title={meaning} size="large" />
          <Badge {...connection} size="large" />
        </p>
        <p className={styles["because"]} data-testid="because">
          {because}
        </p>
        <Facts
          facts={[
            [
              "Last heard",
              lastHeardAt === null ? (
                "never"
              ) : (
                <span key="heard">
                  <Moment at={lastHeardAt} />, {duration(Math.max(0, now - lastHeardAt))} ago
                </span>
              ),
            ],
            [
              "Site",
              <Link key="site" to={list("site", site)}>
                {site}
              </Link>,
            ],
            [
              "Role",
              <Link key="role" to={list("role", role)}>
                {role}
              </Link>,
            ],
            ["Registered", <Moment key="registered" at={registeredAt} />],
            ["Agent", lastBoot === null ? "not known" : lastBoot.agentVersion],
            ["Device id", <Copyable key="id" text={id} what="device id" />],
          ]}
        />
      </div>
    </Panel>
  );
}
