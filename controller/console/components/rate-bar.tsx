/**
 * A rate with its interval, beside the interval of all others on the same scale. The numbers stand beside it in words, so
 * it is hidden from screen readers.
 */
import type { Rate } from "../words/rates.ts";
import styles from "./rate-bar.module.css";

interface RateBarProps {
  readonly rate: Rate | null;
  readonly others: Rate | null;
  /** Where the scale ends, per thousand. */
  readonly most: number;
}

export function RateBar({ rate, others, most }: RateBarProps) {
  return (
    <div className={styles["bar"]} aria-hidden>
      {others !== null && <Interval {...others} most={most} kind="others" />}
      {rate !== null && <Interval {...rate} most={most} kind="own" />}
    </div>
  );
}

/** By the square root, so that what is rare is seen beside what is common. */
const place = (value: number, most: number): number =>
  most <= 0 ? 0 : 100 * Math.sqrt(Math.min(1, Math.max(0, value / most)));

function Interval({ low, high, perThousand, most, kind }: Rate & { readonly most: number; readonly kind: string }) {
  return (
    <>
      <div
        className={styles["interval"]}
        data-kind={kind}
        style={{ left: `${place(low, most)}%`, width: `${place(high, most) - place(low, most)}%` }}
      />
      <div className={styles["point"]} data-kind={kind} style={{ left: `${place(perThousand, most)}%` }} />
    </>
  );
}
