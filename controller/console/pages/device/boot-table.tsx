/** The same boots as the picture shows, as a table; the newest first. */
import type { BootView } from "../../../../protocol/api-device.ts";
import { bootKindWords, endWords } from "../../../../protocol/boot-words.ts";
import { DataTable } from "../../components/data-table.tsx";
import { Moment } from "../../components/moment.tsx";
import { MarkShape } from "../../timeline/mark.tsx";
import { bootName, END_MARKS, endKindOf, QUALITIES, qualityOf, uptimeWords } from "../../words/boots.ts";
import styles from "./device.module.css";

interface BootTableProps {
  readonly boots: readonly BootView[];
  readonly running: string | undefined;
  readonly selected: string | undefined;
  readonly onSelect: (key: string) => void;
}

const COLUMNS = ["Began", "Boot", "How it started", "How it ended", "Up for", "Content changes", "Details"];

export function BootTable({ boots, running, selected, onSelect }: BootTableProps) {
  return (
    <DataTable caption="Boots, newest first" columns={COLUMNS}>
      {boots.map((boot) => {
        const isRunning = boot.key === running;
        const { ending } = boot;
        const mark = END_MARKS[endKindOf(boot, isRunning)];
        return (
          <tr key={boot.key}>
            <th scope="row">
              <Moment at={boot.times.startedAt} />
            </th>
            <td>{QUALITIES[qualityOf(boot, isRunning)].word}</td>
            <td>{bootKindWords[boot.kind === "logged" ? boot.logged.kind : boot.boot.kind]}</td>
            <td>
              <span className={styles["end-cell"]} data-tone={mark.tone}>
                <svg width={18} height={18} viewBox="-10 -10 20 20" aria-hidden>
                  <MarkShape shape={mark.shape} />
                </svg>
                {ending === null || ending.by === "leaving" ? mark.word : endWords(ending.end)}
              </span>
            </td>
            <td>{uptimeWords(boot) ?? (isRunning ? "still up" : "not known")}</td>
            <td>{boot.kind === "logged" ? "not known" : boot.changes.length + boot.changesLeftOut}</td>
            <td>
              <button
                type="button"
                className={styles["text-button"]}
                aria-pressed={boot.key === selected}
                aria-label={`Show ${bootName(boot, isRunning)}`}
                onClick={() => onSelect(boot.key)}
              >
                Show
              </button>
            </td>
          </tr>
        );
      })}
    </DataTable>
  );
}
