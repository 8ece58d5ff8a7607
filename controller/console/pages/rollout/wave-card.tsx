/** One wave: where its devices stand, and the gate behind it. */
import { IconCircleCheck, IconCircleDashed, IconDoor } from "@tabler/icons-react";
import type { z } from "zod";
import type { WaveView } from "../../../../protocol/api.ts";
import type { RolloutId } from "../../../../protocol/ids.ts";
import { Badge } from "../../components/badge.tsx";
import { Moment } from "../../components/moment.tsx";
import { StatusBar } from "../../components/status-bar.tsx";
import { StatusCounts } from "../../components/status-counts.tsx";
import { GatePanel } from "./gate-panel.tsx";
import styles from "./wave-card.module.css";

const STATES = {
  "not-open": { word: "Not open yet", tone: "idle", Icon: IconCircleDashed },
  open: { word: "Open", tone: "busy", Icon: IconDoor },
  passed: { word: "Passed", tone: "good", Icon: IconCircleCheck },
} as const;

interface WaveCardProps {
  readonly rollout: RolloutId;
  readonly wave: z.infer<typeof WaveView>;
  /** Its place in the rollout, from 0. */
  readonly index: number;
  readonly now: number;
}

export function WaveCard({ rollout, wave, index, now }: WaveCardProps) {
  return (
    <li className={styles["wave"]} data-state={wave.state} aria-labelledby={`wave-${index}`}>
      <div className={styles["head"]}>
        <h3 id={`wave-${index}`}>
          Wave {index + 1}: {wave.name}
        </h3>
        <Badge {...STATES[wave.state]} />
        {wave.openedAt !== null && (
          <span className="muted numeric">
            opened <Moment at={wave.openedAt} />
          </span>
        )}
      </div>
      <StatusBar counts={wave.counts} />
      <StatusCounts rollout={rollout} counts={wave.counts} wave={index} label={`Devices of wave ${wave.name}`} />
      <GatePanel wave={wave} now={now} />
    </li>
  );
}
