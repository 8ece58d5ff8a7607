/** A thin bar beside a number that is also there in words; so it is hidden from screen readers. */
import styles from "./meter.module.css";

interface MeterProps {
  /** From 0 to 1; more counts as 1. */
  readonly value: number;
  /** Where the threshold lies. */
  readonly mark?: number;
}

const percent = (value: number): string => `${100 * Math.min(1, Math.max(0, value))}%`;

export function Meter({ value, mark }: MeterProps) {
  return (
    <div className={styles["meter"]} aria-hidden>
      <div className={styles["value"]} style={{ width: percent(value) }} />
      {mark !== undefined && <div className={styles["mark"]} style={{ left: percent(mark) }} />}
    </div>
  );
}
