/** What the shapes of the timeline mean, and how many there are of each: only of those that are there. */
import type { BootView } from "../../../protocol/api-device.ts";
import { END_MARKS, END_ORDER, endKindOf, QUALITIES, QUALITY_ORDER, qualityOf } from "../words/boots.ts";
import styles from "./boot-timeline.module.css";
import { MarkShape } from "./mark.tsx";

interface LegendProps {
  readonly boots: readonly BootView[];
  readonly running: string | undefined;
}

export function Legend({ boots, running }: LegendProps) {
  const qualities = boots.map((boot) => qualityOf(boot, boot.key === running));
  const ends = boots.map((boot) => endKindOf(boot, boot.key === running));
  const hasChanges = boots.some((boot) => boot.kind === "reported" && boot.changes.length > 0);
  return (
    <ul className={styles["legend"]} aria-label="Legend">
      {QUALITY_ORDER.filter((quality) => qualities.includes(quality)).map((quality) => (
        <li key={quality} title={QUALITIES[quality].meaning}>
          <svg width={16} height={16} aria-hidden data-tone={QUALITIES[quality].tone}>
            <rect
              x={2}
              y={quality === "good" ? 1 : quality === "unseen" ? 8 : 4}
              width={12}
              height={quality === "good" ? 14 : quality === "unseen" ? 7 : 11}
              rx={2}
              data-quality={quality}
              className={styles["bar"]}
              fill={quality === "never-good" ? "url(#never-good)" : undefined}
            />
          </svg>
          {qualities.filter((one) => one === quality).length} {QUALITIES[quality].word}
        </li>
      ))}
      {END_ORDER.filter((kind) => ends.includes(kind)).map((kind) => (
        <li key={kind}>
          <svg width={20} height={20} viewBox="-10 -10 20 20" aria-hidden data-tone={END_MARKS[kind].tone}>
            <g className={styles["mark"]}>
              <MarkShape shape={END_MARKS[kind].shape} />
            </g>
          </svg>
          {ends.filter((one) => one === kind).length} {END_MARKS[kind].word}
        </li>
      ))}
      {hasChanges && (
        <li>
          <svg width={12} height={12} aria-hidden>
            <path d="M6 10 l-4 -7 h8 Z" className={styles["tick"]} />
          </svg>
          content changed
        </li>
      )}
    </ul>
  );
}
