/** The conditions as choices, each with how many devices it would leave; the other filters are counted in. */
import { Link, useSearchParams } from "react-router";
import type { Condition } from "../../../../protocol/api.ts";
import { CONDITION_ORDER, CONDITIONS } from "../../words/conditions.ts";
import { count } from "../../words/numbers.ts";
import styles from "../../components/chips.module.css";
import { changed } from "./device-address.ts";

export function ConditionChips({ counts }: { readonly counts: Readonly<Record<Condition, number>> }) {
  const [query] = useSearchParams();
  const chosen = query.get("condition");
  const sum = CONDITION_ORDER.reduce((total, condition) => total + counts[condition], 0);
  return (
    <ul aria-label="Condition" className={styles["chips"]}>
      <li>
        <Link
          to={changed(query, { condition: undefined })}
          preventScrollReset
          className={styles["chip"]}
          data-tone="idle"
          aria-current={chosen === null ? "true" : undefined}
        >
          Any condition <span className={styles["count"]}>{count(sum)}</span>
        </Link>
      </li>
      {CONDITION_ORDER.map((condition) => {
        const { word, meaning, tone, Icon } = CONDITIONS[condition];
        return (
          <li key={condition}>
            <Link
              to={changed(query, { condition })}
              preventScrollReset
              className={styles["chip"]}
              data-tone={tone}
              data-zero={counts[condition] === 0}
              aria-current={chosen === condition ? "true" : undefined}
              title={meaning}
            >
              <Icon size={16} aria-hidden /> {word} <span className={styles["count"]}>{count(counts[condition])}</span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
