/** As of when the page is, and in plain words when that is too long ago. */
import { IconClockOff } from "@tabler/icons-react";
import { duration } from "../words/numbers.ts";
import styles from "./freshness.module.css";
import { Moment } from "./moment.tsx";

interface FreshnessProps {
  readonly asOf: number;
  readonly ageMs: number;
  readonly stale: boolean;
  readonly error: Error | undefined;
}

export function Freshness({ asOf, ageMs, stale, error }: FreshnessProps) {
  const age = duration(ageMs);
  if (!stale) {
    return (
      <p className="muted numeric" data-testid="freshness">
        as of <Moment at={asOf} />, {age} ago
      </p>
    );
  }
  return (
    <div className={styles["stale"]} data-testid="freshness">
      <IconClockOff size={22} aria-hidden />
      <p className="numeric">
        <strong>Stale: not heard from the controller for {age}.</strong> This is how things were at <Moment at={asOf} />
        ; how they are now is not known. {error?.message}
      </p>
    </div>
  );
}
