/** The overview: what is happening, in one sentence and then in counts, each of which leads to the list behind it. */
import { Overview } from "../../../../protocol/api.ts";
import { ApiCall } from "../../components/api-call.tsx";
import { useAnnouncement } from "../../components/announcer.tsx";
import { Moment } from "../../components/moment.tsx";
import { Newcomers } from "../../components/newcomers.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { useView } from "../../hooks/use-view.ts";
import { duration } from "../../words/numbers.ts";
import { DetectionView } from "../../../../protocol/api-incidents.ts";
import { CrashRates } from "./detection.tsx";
import { FleetCounts } from "./fleet-counts.tsx";
import { Incidents } from "./incidents.tsx";
import { isMassSilence, MassSilence } from "./mass-silence.tsx";
import styles from "./overview.module.css";
import { Rollouts } from "./rollouts.tsx";

const EVERYTHING = [{ topic: "fleet" }, { topic: "rollout" }, { topic: "incident" }, { topic: "plan" }] as const;

export function OverviewPage() {
  const view = useView(Overview, "/overview", EVERYTHING);
  return (
    <PageFrame title="Overview" view={view} asOf={({ asOf }) => asOf}>
      {(overview, now) => <Everything overview={overview} now={now} />}
    </PageFrame>
  );
}

function Everything({ overview, now }: { readonly overview: Overview; readonly now: number }) {
  const detection = useView(DetectionView, "/detection", [{ topic: "fleet" }, { topic: "incident" }]);
  const silence = overview.incidents.find(isMassSilence);
  useAnnouncement(overview.sentence);
  return (
    <>
      <p className={styles["sentence"]} data-testid="sentence">
        {overview.sentence}
      </p>
      {silence !== undefined && <MassSilence incident={silence} />}
      <Newcomers standings={overview.standings} />
      <FleetCounts overview={overview} />
      <div className={styles["columns"]}>
        <Incidents incidents={overview.incidents} />
        <Rollouts rollouts={overview.rollouts} haltKey={silence === undefined} />
      </div>
      <CrashRates view={detection} />
      <div className={styles["foot"]}>
        <p className="muted numeric">
          The controller started at <Moment at={overview.controllerStartedAt} />,{" "}
          {duration(now - overview.controllerStartedAt)} ago. What it has not heard since then is unknown.
        </p>
        <ApiCall path="/overview" />
      </div>
    </>
  );
}
