/** The boot that is chosen: how it went and who says so, what ran at it, what it found out about those before it. */
import type { IncidentView } from "../../../../protocol/api-incidents.ts";
import type { BootView, ReportedBoot } from "../../../../protocol/api-device.ts";
import { bootKindWords, bootModeWords } from "../../../../protocol/boot-words.ts";
import { Facts } from "../../components/facts.tsx";
import { JsonBlock } from "../../components/json-block.tsx";
import { Moment } from "../../components/moment.tsx";
import { Notice } from "../../components/notice.tsx";
import { Panel } from "../../components/panel.tsx";
import { momentWords, QUALITIES, qualityOf, uptimeWords } from "../../words/boots.ts";
import { duration } from "../../words/numbers.ts";
import { BootContent } from "./boot-content.tsx";
import { Ending } from "./ending.tsx";
import { Evidence } from "./evidence.tsx";
import styles from "./device.module.css";

interface SelectedBootProps {
  readonly boot: BootView;
  readonly isRunning: boolean;
  readonly isNewest: boolean;
  /** The one that the agent told of before it. */
  readonly before: ReportedBoot | undefined;
  readonly after: BootView | undefined;
  readonly older: BootView | undefined;
  readonly incidents: readonly IncidentView[];
  readonly onSelect: (key: string) => void;
}

export function SelectedBoot(props: SelectedBootProps) {
  const { boot, isRunning, isNewest, before, after, older, incidents, onSelect } = props;
  const title = `${isNewest ? "Newest boot" : "Boot"}, ${momentWords(boot.times.startedAt)}`;
  const walk = (
    <div className={styles["buttons"]}>
      <Walk to={older} label="Older" onSelect={onSelect} />
      <Walk to={after} label="Newer" onSelect={onSelect} />
    </div>
  );
  return (
    <Panel title={title} aside={walk} id="boot">
      <div className={styles["part"]}>
        <BootFacts boot={boot} isRunning={isRunning} />
        <WrongClock boot={boot} />
      </div>
      <Ending boot={boot} isRunning={isRunning} />
      {boot.kind === "reported" && (
        <>
          <BootContent boot={boot} before={before} incidents={incidents} />
          <Services boot={boot} />
          <Evidence evidence={boot.boot.evidence} />
        </>
      )}
      <JsonBlock value={boot} summary="This boot as the API gives it" what="the boot as JSON" />
    </Panel>
  );
}

interface WalkProps {
  readonly to: BootView | undefined;
  readonly label: string;
  readonly onSelect: (key: string) => void;
}

function Walk({ to, label, onSelect }: WalkProps) {
  const go = (): void => {
    if (to !== undefined) onSelect(to.key);
  };
  return (
    <button type="button" className={styles["text-button"]} disabled={to === undefined} onClick={go}>
      {label}
    </button>
  );
}

function BootFacts({ boot, isRunning }: Pick<SelectedBootProps, "boot" | "isRunning">) {
  const { word, meaning } = QUALITIES[qualityOf(boot, isRunning)];
  const goodAfter = boot.kind === "reported" ? boot.good?.healthy.afterMs : undefined;
  const uptime = uptimeWords(boot);
  return (
    <Facts
      facts={[
        [
          "Result",
          <span key="result" title={meaning}>
            <strong>{word}</strong>
            {goodAfter !== undefined && ` after ${duration(goodAfter)}`}
          </span>,
        ],
        ["Began", <Moment key="began" at={boot.times.startedAt} />],
        ["Up for", uptime],
        ["Start", bootKindWords[boot.kind === "logged" ? boot.logged.kind : boot.boot.kind]],
        ...(boot.kind === "reported" ? reportedFacts(boot) : []),
      ]}
    />
  );
}

const reportedFacts = ({ boot, receivedAt }: ReportedBoot) =>
  [
    ["Mode", bootModeWords[boot.mode]],
    ["Boots since the last good one", boot.tries],
    ["Report received", <Moment key="received" at={receivedAt} />],
    ["Agent", boot.agentVersion],
    ["Boot id", <code key="id">{boot.bootId}</code>],
  ] as const;

function WrongClock({ boot }: { readonly boot: BootView }) {
  if (boot.times.basis === "device-clock") return null;
  const claimed = boot.kind === "reported" ? boot.boot.bootedAt : boot.logged.startedAt;
  return (
    <Notice tone="warn">
      <p>
        <strong>The device's clock cannot be right here</strong>
        {claimed !== null && (
          <>
            : it says <Moment at={claimed} />
          </>
        )}
        . The time shown is when the controller heard of it, less how long the device says it had been up.
      </p>
    </Notice>
  );
}

function Services({ boot: { good } }: { readonly boot: ReportedBoot }) {
  const services = good?.healthy.services ?? [];
  return (
    <div className={styles["part"]}>
      <h3>Services</h3>
      {good === null ? (
        <p className="muted">Not known: a boot tells of its services when it has become good.</p>
      ) : services.length === 0 ? (
        <p className="muted">None are declared for this device.</p>
      ) : (
        <ul className={styles["lines"]}>
          {services.map(({ name, running }) => (
            <li key={name}>
              <code>{name}</code> {running ? "was running" : "was not running"} when the boot became good
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
