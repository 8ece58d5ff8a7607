/** How the chosen boot ended, who says so, and the crash dump that was written then. */
import type { BootView } from "../../../../protocol/api-device.ts";
import { bugcheckWords, endingWords, parameterWords } from "../../../../protocol/boot-words.ts";
import { Moment } from "../../components/moment.tsx";
import { MarkShape } from "../../timeline/mark.tsx";
import { END_MARKS, endKindOf } from "../../words/boots.ts";
import { Dump } from "./evidence.tsx";
import styles from "./device.module.css";

export function Ending({ boot, isRunning }: { readonly boot: BootView; readonly isRunning: boolean }) {
  const { ending } = boot;
  const { shape, tone } = END_MARKS[endKindOf(boot, isRunning)];
  const dumps = ending === null || ending.by === "leaving" ? [] : ending.crashDumps;
  const parameters = parametersOf(boot);
  return (
    <div className={styles["part"]}>
      <h3>How it ended</h3>
      <div className={styles["end"]}>
        <svg width={22} height={22} viewBox="-11 -11 22 22" aria-hidden data-tone={tone}>
          <MarkShape shape={shape} />
        </svg>
        <p data-testid="ending">
          {isRunning && ending === null ? "It is running." : endingWords(boot)}
          {ending !== null && (
            <span className="muted">
              {" "}
              Received at <Moment at={ending.receivedAt} />.
            </span>
          )}
          {parameters !== undefined && (
            <>
              <br />
              Parameters of the bugcheck: <code>{parameters}</code>
            </>
          )}
        </p>
      </div>
      {dumps.length > 0 && (
        <ul className={styles["lines"]}>
          {dumps.map((dump) => (
            <Dump key={`${dump.file} ${dump.crashedAt}`} dump={dump} />
          ))}
        </ul>
      )}
      {dumps.length === 0 && parameters !== undefined && (
        <p className="muted">No crash dump of it was sent, so no driver is known that it points at.</p>
      )}
    </div>
  );
}

/** With the bugcheck's name, where the log kept any. */
function parametersOf({ ending }: BootView): string | undefined {
  if (ending === null || ending.by === "leaving" || ending.end.kind !== "bugcheck") return undefined;
  const words = parameterWords(ending.end.bugcheck);
  return words === "" ? `none are known of ${bugcheckWords(ending.end.bugcheck)}` : words;
}
