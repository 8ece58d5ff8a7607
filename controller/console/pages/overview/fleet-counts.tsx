/** How many devices are in which condition; each count leads to these devices. */
import { Link } from "react-router";
import type { Overview } from "../../../../protocol/api.ts";
import { Empty } from "../../components/empty.tsx";
import { NoDevices } from "../../components/no-devices.tsx";
import { Panel } from "../../components/panel.tsx";
import { CONDITION_ORDER, CONDITIONS } from "../../words/conditions.ts";
import { count, counted } from "../../words/numbers.ts";
import styles from "./overview.module.css";

export function FleetCounts({
  overview: { devices, connected, conditions, standings },
}: {
  readonly overview: Overview;
}) {
  if (devices === 0) {
    return (
      <Panel title="Fleet">
        {standings.pending > 0 ? <Empty what="No device counts yet: those that enrolled wait." /> : <NoDevices />}
      </Panel>
    );
  }
  const aside = (
    <span className="numeric">
      <Link to="/devices">{counted(devices, "device")}</Link>,{" "}
      <Link to="/devices?connected=yes">{count(connected)} connected</Link>
    </span>
  );
  return (
    <Panel title="Fleet" aside={aside}>
      <ul className={styles["conditions"]}>
        {CONDITION_ORDER.map((condition) => {
          const { word, meaning, tone, Icon } = CONDITIONS[condition];
          const value = conditions[condition];
          return (
            <li key={condition}>
              <Link
                to={`/devices?condition=${condition}`}
                className={styles["condition"]}
                data-tone={tone}
                data-zero={value === 0}
                title={meaning}
              >
                <span className={styles["value"]}>{count(value)}</span>
                <span className={styles["word"]}>
                  <Icon size={18} aria-hidden /> {word}
                </span>
              </Link>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}
