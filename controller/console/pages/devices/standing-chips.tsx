/**
 * Who of the whole fleet is let in and who is not: each count leads to these devices, whatever else was filtered by.
 * Drawn only where somebody has to look: a fleet of accepted devices needs no such line.
 */
import { Link, useSearchParams } from "react-router";
import type { DeviceStanding } from "../../../../protocol/enrolment.ts";
import { count } from "../../words/numbers.ts";
import { STANDING_ORDER, STANDINGS } from "../../words/standings.ts";
import styles from "../../components/chips.module.css";
import { changed, cleared } from "./device-address.ts";

export function StandingChips({ counts }: { readonly counts: Readonly<Record<DeviceStanding, number>> }) {
  const [query] = useSearchParams();
  const chosen = query.get("standing");
  if (chosen === null && counts.pending + counts.cloned + counts.revoked === 0) return null;
  const all = new URLSearchParams(cleared(query));
  return (
    <ul aria-label="Let in or not, of all devices" className={styles["chips"]}>
      {STANDING_ORDER.map((standing) => {
        const { word, meaning, tone, Icon } = STANDINGS[standing];
        return (
          <li key={standing}>
            <Link
              to={changed(all, { standing })}
              preventScrollReset
              className={styles["chip"]}
              data-tone={tone}
              data-zero={counts[standing] === 0}
              aria-current={chosen === standing ? "true" : undefined}
              title={meaning}
            >
              <Icon size={16} aria-hidden /> {word} <span className={styles["count"]}>{count(counts[standing])}</span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
