/** How many devices stand at each status; each count leads to the list behind it. Zeros stay, so nothing jumps. */
import { Link } from "react-router";
import type { RolloutId } from "../../../protocol/ids.ts";
import type { WaveCounts } from "../../../protocol/rollout.ts";
import { count } from "../words/numbers.ts";
import { shownCounts, STATUSES } from "../words/statuses.ts";
import styles from "./status-counts.module.css";

interface StatusCountsProps {
  readonly rollout: RolloutId;
  readonly counts: WaveCounts;
  /** Only of this wave; of all waves without. */
  readonly wave?: number;
  readonly label: string;
}

export function StatusCounts({ rollout, counts, wave, label }: StatusCountsProps) {
  const shown = shownCounts(counts);
  const list = `/rollouts/${rollout}/devices`;
  const inWave: Record<string, string> = wave === undefined ? {} : { wave: String(wave) };
  const to = (query: Record<string, string>): string =>
    `${list}?${new URLSearchParams({ ...inWave, ...query }).toString()}`;
  return (
    <ul className={styles["counts"]} aria-label={label}>
      <li>
        <Link to={to({})} className={styles["count"]} data-tone="idle">
          <span className={styles["value"]}>{count(counts.planned)}</span> planned
        </Link>
      </li>
      {STATUSES.map(({ status, word, meaning, tone, Icon }) => {
        const value = shown.get(status) ?? 0;
        return (
          <li key={status}>
            <Link
              to={to({ status })}
              className={styles["count"]}
              data-tone={tone}
              data-zero={value === 0}
              title={meaning}
            >
              <Icon size={16} aria-hidden />
              <span className={styles["value"]}>{count(value)}</span> {word}
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
