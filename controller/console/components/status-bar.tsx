/**
 * Where the devices of a wave stand, as a bar in proportion. The bar is one picture with a text for those who cannot see
 * it; what can be pressed are the counts below it. Each status has a pattern of its own besides its colour.
 */
import type { WaveCounts } from "../../../protocol/rollout.ts";
import { shownCounts, statusWords, summary } from "../words/statuses.ts";
import styles from "./status-bar.module.css";

export function StatusBar({ counts }: { readonly counts: WaveCounts }) {
  const parts = [...shownCounts(counts)].filter(([, value]) => value > 0);
  return (
    // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a picture made of elements, with one text
    <div role="img" aria-label={summary(counts)} className={styles["bar"]}>
      {parts.map(([status, value]) => {
        const { tone, word, Icon } = statusWords(status);
        return (
          <div
            key={status}
            className={styles["part"]}
            data-tone={tone}
            data-status={status}
            style={{ flexGrow: value }}
            title={`${value} ${word}`}
          >
            <Icon size={14} aria-hidden />
          </div>
        );
      })}
    </div>
  );
}
