/** How long it would take until so many are back, by strategy: a sentence each, the curves, and the same as a table. */
import { useElementSize } from "@mantine/hooks";
import { useSearchParams } from "react-router";
import type { z } from "zod";
import type { WhatIf as WhatIfSchema } from "../../../../protocol/api-proposals.ts";
import { Choice } from "../../components/choice.tsx";
import { DataTable } from "../../components/data-table.tsx";
import { Panel } from "../../components/panel.tsx";
import { counted, duration, share } from "../../words/numbers.ts";
import { curvePath, shareY, timeMarks } from "./curve-layout.ts";
import styles from "./what-if.module.css";

type Strategy = z.infer<typeof WhatIfSchema>;

const HEIGHT = 240;

interface WhatIfProps {
  readonly whatIf: readonly Strategy[];
  readonly targets: number;
}

export function WhatIf({ whatIf, targets }: WhatIfProps) {
  const [query, setQuery] = useSearchParams();
  const isTable = query.get("what-if") === "table";
  const choose = (value: string): void =>
    setQuery(
      (before) => {
        const changed = new URLSearchParams(before);
        if (value === "table") changed.set("what-if", value);
        else changed.delete("what-if");
        return changed;
      },
      { replace: true, preventScrollReset: true },
    );
  const choice = (
    <Choice
      label="How to show the simulation"
      options={[
        { value: "picture", label: "Picture" },
        { value: "table", label: "Table" },
      ]}
      value={isTable ? "table" : "picture"}
      onChoose={choose}
    />
  );
  return (
    <Panel title="What if" aside={choice}>
      <p className="muted">
        Simulated for {counted(targets, "machine")}. It shows what may be expected, and promises nothing.
      </p>
      {isTable ? <Table whatIf={whatIf} /> : <Picture whatIf={whatIf} />}
      <ul className={styles["legend"]}>
        {whatIf.map((strategy, index) => (
          <li key={strategy.strategy}>
            <svg width={34} height={12} aria-hidden>
              <line x1={1} x2={33} y1={6} y2={6} className={styles["curve"]} data-index={index % 4} />
            </svg>
            <p>
              <strong>{strategy.strategy}:</strong> {strategySentence(strategy)}{" "}
              <span className="muted">{strategy.because}</span>
            </p>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

const NEVER = "not within the plan's validity";
/** Whole minutes: a simulation knows no seconds. */
const within = (minutes: number | null): string => (minutes === null ? NEVER : duration(Math.ceil(minutes) * 60_000));
const after = (minutes: number | null): string => (minutes === null ? NEVER : `after ${within(minutes)}`);

const strategySentence = ({ half, ninety, ninetyNine }: Strategy): string =>
  `half are back ${after(half)}, 90 % ${after(ninety)}, 99 % ${after(ninetyNine)}.`;

function Table({ whatIf }: Pick<WhatIfProps, "whatIf">) {
  return (
    <DataTable caption="Until so many are back" columns={["Strategy", "Half", "90 %", "99 %", "In the end"]} cards>
      {whatIf.map(({ strategy, half, ninety, ninetyNine, curve }) => (
        <tr key={strategy}>
          <th scope="row" data-label="Strategy">
            {strategy}
          </th>
          <td data-label="Half">{within(half)}</td>
          <td data-label="90 %">{within(ninety)}</td>
          <td data-label="99 %">{within(ninetyNine)}</td>
          <td data-label="In the end">{share(curve.at(-1)?.recovered ?? 0)}</td>
        </tr>
      ))}
    </DataTable>
  );
}

function Picture({ whatIf }: Pick<WhatIfProps, "whatIf">) {
  const { ref, width } = useElementSize();
  const frame = { left: 48, right: Math.max(80, width - 8), top: 8, bottom: HEIGHT - 24 };
  const last = Math.max(2, ...whatIf.map(({ curve }) => curve.at(-1)?.minutes ?? 0));
  const words = whatIf.map((strategy) => `${strategy.strategy}: ${strategySentence(strategy)}`).join(" ");
  return (
    <div ref={ref} className={styles["picture"]}>
      {width > 0 && (
        <svg
          width={width}
          height={HEIGHT}
          // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a picture made of elements, with one text
          role="img"
          aria-label={`Share of the machines that are back, over time. ${words}`}
        >
          {[0, 0.5, 0.9, 1].map((each) => (
            <g key={each}>
              <line
                x1={frame.left}
                x2={frame.right}
                y1={shareY(each, frame)}
                y2={shareY(each, frame)}
                className={styles["grid"]}
              />
              <text x={frame.left - 6} y={shareY(each, frame) + 4} className={styles["share"]}>
                {each * 100} %
              </text>
            </g>
          ))}
          {timeMarks(last, frame).map(({ x, text }) => (
            <text key={text} x={x} y={HEIGHT - 6} className={styles["time"]}>
              {text}
            </text>
          ))}
          {whatIf.map(({ strategy, curve }, index) => (
            <path key={strategy} d={curvePath(curve, last, frame)} className={styles["curve"]} data-index={index % 4} />
          ))}
        </svg>
      )}
    </div>
  );
}
