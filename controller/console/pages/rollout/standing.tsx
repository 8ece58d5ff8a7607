/** Where the rollout stands and why, over all waves, and what it waits for. */
import type { RolloutView } from "../../../../protocol/api.ts";
import { Notice } from "../../components/notice.tsx";
import { Panel } from "../../components/panel.tsx";
import { StatusBar } from "../../components/status-bar.tsx";
import { StatusCounts } from "../../components/status-counts.tsx";
import styles from "./rollout.module.css";

export function Standing({ rollout }: { readonly rollout: RolloutView }) {
  const { id, phase, because, waitsFor, counts } = rollout;
  const isStopped = phase === "halted" || phase === "aborted";
  return (
    <div className={styles["standing"]}>
      <Panel title="Where it stands">
        {isStopped ? (
          <Notice tone="bad" alert>
            <p data-testid="because">{because}</p>
          </Notice>
        ) : (
          <p className={styles["because"]} data-testid="because">
            {because}
          </p>
        )}
        <StatusBar counts={counts} />
        <StatusCounts rollout={id} counts={counts} label="Devices of all waves" />
      </Panel>
      {waitsFor.length > 0 && (
        <Panel title={phase === "running" || phase === "completed" ? "What it waits for" : "What is still open"}>
          <ol className={styles["waits"]} data-testid="waits-for">
            {waitsFor.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ol>
        </Panel>
      )}
    </div>
  );
}
