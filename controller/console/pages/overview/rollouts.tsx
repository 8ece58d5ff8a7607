/** The rollouts there are, why each stands where it stands, and the way to stop one without leaving the page. */
import { Button } from "@mantine/core";
import { IconHandStop } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import type { Overview } from "../../../../protocol/api.ts";
import { ActionDialog } from "../../components/action-dialog.tsx";
import { Badge } from "../../components/badge.tsx";
import { Empty } from "../../components/empty.tsx";
import { Panel } from "../../components/panel.tsx";
import { CountLinks } from "../../components/count-links.tsx";
import { StatusBar } from "../../components/status-bar.tsx";
import { useAltKey } from "../../hooks/use-alt-key.ts";
import { PHASES } from "../../words/phases.ts";
import styles from "./overview.module.css";

type Row = Overview["rollouts"][number];

const canHalt = ({ phase }: Row): boolean => PHASES[phase].actions.includes("halt");

interface RolloutsProps {
  readonly rollouts: Overview["rollouts"];
  /** False: Alt+H is for something more urgent. */
  readonly haltKey: boolean;
}

export function Rollouts({ rollouts, haltKey }: RolloutsProps) {
  const [halting, setHalting] = useState<Row>();
  useAltKey("H", () => {
    if (!haltKey) return;
    const [only, ...others] = rollouts.filter(canHalt);
    if (only !== undefined && others.length === 0) setHalting(only);
    else document.querySelector<HTMLElement>("main [data-halt]")?.focus();
  });
  return (
    <Panel title="Rollouts" id="rollouts">
      {rollouts.length === 0 && (
        <Empty what="No rollout yet.">
          <p>
            Prepare one from an incident, or make a plan with the command line: <code>npm run ringback -- --help</code>.
            Then approve and start it under <Link to="/plans">Plans</Link>.
          </p>
        </Empty>
      )}
      <ul className={styles["rollouts"]}>
        {rollouts.map((rollout) => (
          <li key={rollout.id} className={styles["rollout"]}>
            <div className={styles["rollout-head"]}>
              <h3>
                <Link to={`/rollouts/${rollout.id}`}>{rollout.title}</Link>
              </h3>
              <Badge {...PHASES[rollout.phase]} />
              {canHalt(rollout) && (
                <Button
                  color="var(--bad-fill)"
                  size="compact-md"
                  leftSection={<IconHandStop size={18} aria-hidden />}
                  onClick={() => setHalting(rollout)}
                  data-halt
                  aria-label={`Halt ${rollout.title}`}
                >
                  Halt
                </Button>
              )}
            </div>
            <p>{rollout.because}</p>
            <StatusBar counts={rollout.counts} />
            <CountLinks rollout={rollout.id} counts={rollout.counts} />
          </li>
        ))}
      </ul>
      {halting !== undefined && <ActionDialog action="halt" rollout={halting} onClose={() => setHalting(undefined)} />}
    </Panel>
  );
}
