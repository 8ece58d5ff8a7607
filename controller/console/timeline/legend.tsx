/** What the shapes of the timeline mean, and how many there are of each: only of those that are there. */
import type { BootView } from "../../../protocol/api-device.ts";
import { END_MARKS, END_ORDER, endKindOf, QUALITIES, type Quality, QUALITY_ORDER, qualityOf } from "../words/boots.ts";
import { counted } from "../words/numbers.ts";
import styles from "./boot-timeline.module.css";
import { MarkShape } from "./mark.tsx";

const HEIGHTS: Readonly<Record<Quality, number>> = {
  good: 13,
  "not-yet": 10,
  "never-good": 10,
  unseen: 6,
  unmatched: 6,
};

interface LegendProps {
  readonly boots: readonly BootView[];
  readonly running: string | undefined;
  readonly isFaulty: (sha256: string) => boolean;
}

export function Legend({ boots, running, isFaulty }: LegendProps) {
  const qualities = boots.map((boot) => qualityOf(boot, boot.key === running));
  const ends = boots.map((boot) => endKindOf(boot, boot.key === running));
  const changes = boots.flatMap((boot) => (boot.kind === "reported" ? boot.changes : []));
  const faulty = changes.filter(({ entry }) => isFaulty(entry.version.sha256)).length;
  return (
    <ul className={styles["legend"]} aria-label="Legend">
      {QUALITY_ORDER.filter((quality) => qualities.includes(quality)).map((quality) => (
        <li key={quality} title={QUALITIES[quality].meaning}>
          <svg width={16} height={16} aria-hidden data-tone={QUALITIES[quality].tone}>
            <rect
              x={2}
              y={14 - HEIGHTS[quality]}
              width={12}
              height={HEIGHTS[quality]}
              rx={2}
              data-quality={quality}
              className={styles["bar"]}
              fill={quality === "never-good" ? "url(#never-good)" : undefined}
            />
          </svg>
          {qualities.filter((one) => one === quality).length} × {QUALITIES[quality].word}
        </li>
      ))}
      {END_ORDER.filter((kind) => ends.includes(kind)).map((kind) => (
        <li key={kind}>
          <svg width={20} height={20} viewBox="-10 -10 20 20" aria-hidden data-tone={END_MARKS[kind].tone}>
            <g className={styles["mark"]}>
              <MarkShape shape={END_MARKS[kind].shape} />
            </g>
          </svg>
          {ends.filter((one) => one === kind).length} × {END_MARKS[kind].word}
        </li>
      ))}
      {changes.length > faulty && <Tick className="tick" words={counted(changes.length - faulty, "content change")} />}
      {faulty > 0 && (
        <Tick
          className="tick-faulty"
          words={counted(faulty, "change of faulty content", "changes of faulty content")}
        />
      )}
    </ul>
  );
}

function Tick({ className, words }: { readonly className: "tick" | "tick-faulty"; readonly words: string }) {
  return (
    <li>
      <svg width={14} height={12} aria-hidden>
        <path d="M7 11 l-5 -9 h10 Z" className={styles[className]} />
      </svg>
      {words}
    </li>
  );
}
