/** The filters of the list as choices, each with how many incidents it would leave. They stand in the address. */
import { Link, useSearchParams } from "react-router";
import type { IncidentView } from "../../../../protocol/api-incidents.ts";
import chips from "../../components/chips.module.css";
import { CAUSE_LOOKS, CAUSE_ORDER, STATE_ORDER, STATES } from "../../words/incidents.ts";
import { count } from "../../words/numbers.ts";
import type { IconType } from "../../words/icon.ts";
import { changed, type FilterName, filterOf } from "./incident-filter.ts";

interface Option {
  readonly value: string;
  readonly words: { readonly word: string; readonly tone: string; readonly Icon: IconType };
}

const STATE_OPTIONS = STATE_ORDER.map((value): Option => ({ value, words: STATES[value] }));
const CAUSE_OPTIONS = CAUSE_ORDER.map((value): Option => ({ value, words: CAUSE_LOOKS[value] }));

export function IncidentChips({ incidents }: { readonly incidents: readonly IncidentView[] }) {
  return (
    <>
      <Chips name="state" label="State" any="Any state" options={STATE_OPTIONS} incidents={incidents} />
      <Chips
        name="cause"
        label="How it was found"
        any="Found in any way"
        options={CAUSE_OPTIONS}
        incidents={incidents}
      />
    </>
  );
}

interface ChipsProps {
  readonly name: FilterName;
  readonly label: string;
  readonly any: string;
  readonly options: readonly Option[];
  readonly incidents: readonly IncidentView[];
}

function Chips({ name, label, any, options, incidents }: ChipsProps) {
  const [query] = useSearchParams();
  const chosen = query.get(name);
  const left = (value: string | undefined): number =>
    incidents.filter(filterOf(new URLSearchParams(changed(query, name, value)))).length;
  return (
    <ul aria-label={label} className={chips["chips"]}>
      <li>
        <Link
          to={changed(query, name, undefined)}
          preventScrollReset
          className={chips["chip"]}
          data-tone="idle"
          aria-current={chosen === null ? "true" : undefined}
        >
          {any} <span className={chips["count"]}>{count(left(undefined))}</span>
        </Link>
      </li>
      {options.map(({ value, words: { word, tone, Icon } }) => (
        <li key={value}>
          <Link
            to={changed(query, name, value)}
            preventScrollReset
            className={chips["chip"]}
            data-tone={tone}
            data-zero={left(value) === 0}
            aria-current={chosen === value ? "true" : undefined}
          >
            <Icon size={16} aria-hidden /> {word} <span className={chips["count"]}>{count(left(value))}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
