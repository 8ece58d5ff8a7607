/** One rollout, live: where it stands and why, what it waits for, its waves and gates, and the buttons that stop it. */
import { RolloutView } from "../../../../protocol/api.ts";
import { RolloutId } from "../../../../protocol/ids.ts";
import { useAnnouncement } from "../../components/announcer.tsx";
import { ApiCall } from "../../components/api-call.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { useIdParam } from "../../hooks/use-id-param.ts";
import { useView, type View } from "../../hooks/use-view.ts";
import { PHASES } from "../../words/phases.ts";
import { summary } from "../../words/statuses.ts";
import { NotFound } from "../lost.tsx";
import { Controls } from "./controls.tsx";
import { EventLog } from "./event-log.tsx";
import { Origin } from "./origin.tsx";
import styles from "./rollout.module.css";
import { Standing } from "./standing.tsx";
import { WaveCard } from "./wave-card.tsx";

const OVERVIEW = [{ to: "/", name: "Overview" }] as const;

export function RolloutPage() {
  const id = useIdParam("rollout", RolloutId);
  return id === undefined ? <NotFound /> : <OneRollout id={id} />;
}

function OneRollout({ id }: { readonly id: RolloutId }) {
  const view: View<RolloutView> = useView(RolloutView, `/rollouts/${id}`, [{ topic: "rollout", key: id }]);
  const title = view.kind === "here" ? view.data.title : "Rollout";
  return (
    <PageFrame title={title} view={view} asOf={({ asOf }) => asOf} crumbs={OVERVIEW}>
      {(rollout, now) => <Board rollout={rollout} now={now} />}
    </PageFrame>
  );
}

function Board({ rollout, now }: { readonly rollout: RolloutView; readonly now: number }) {
  useAnnouncement(`${PHASES[rollout.phase].word}. ${summary(rollout.counts)}. ${rollout.because}`);
  return (
    <>
      <Controls rollout={rollout} />
      <Standing rollout={rollout} />
      <section aria-labelledby="waves" className={styles["waves"]}>
        <h2 id="waves">Waves</h2>
        <ol className={styles["wave-list"]}>
          {rollout.waves.map((wave, index) => (
            <WaveCard key={wave.name} rollout={rollout.id} wave={wave} index={index} now={now} />
          ))}
        </ol>
      </section>
      <EventLog rollout={rollout} />
      <Origin rollout={rollout} now={now} />
      <ApiCall path={`/rollouts/${rollout.id}`} />
    </>
  );
}
