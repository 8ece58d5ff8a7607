/** What a boot sent of the boots before it, in words: event log, crash dumps, Startup Repair. Or that it sent nothing. */
import { IconFileAlert, IconListDetails, IconTool } from "@tabler/icons-react";
import type { BootEvidence, CrashDump, LoggedBoot } from "../../../../protocol/boot.ts";
import {
  bootKindWords,
  bugcheckWords,
  EMPTY_EVIDENCE_WORDS,
  endWords,
  isEmpty,
  NO_EVIDENCE_WORDS,
  parameterWords,
  repairWords,
  suspectWords,
} from "../../../../protocol/boot-words.ts";
import { Moment } from "../../components/moment.tsx";
import { duration } from "../../words/numbers.ts";
import styles from "./device.module.css";

export function Evidence({ evidence }: { readonly evidence: BootEvidence | undefined }) {
  return (
    <div className={styles["part"]} data-testid="evidence">
      <h3>Evidence it sent of the boots before it</h3>
      {evidence === undefined && <p className="muted">{NO_EVIDENCE_WORDS}</p>}
      {evidence !== undefined && isEmpty(evidence) && <p className="muted">{EMPTY_EVIDENCE_WORDS}</p>}
      {evidence !== undefined && !isEmpty(evidence) && (
        <ul className={styles["lines"]}>
          {evidence.crashDumps.map((dump) => (
            <Dump key={`${dump.file} ${dump.crashedAt}`} dump={dump} />
          ))}
          {evidence.startupRepair !== null && (
            <li className={styles["evidence"]}>
              <IconTool size={18} aria-hidden />
              <p>{repairWords(evidence.startupRepair)}</p>
            </li>
          )}
          {evidence.earlierBoots.toReversed().map((boot) => (
            <LogEntry key={`${boot.startedAt} ${boot.endedAt}`} boot={boot} />
          ))}
        </ul>
      )}
      {evidence !== undefined && evidence.crashDumps.length === 0 && evidence.earlierBoots.length > 0 && (
        <p className="muted">No crash dump was sent.</p>
      )}
    </div>
  );
}

export function Dump({ dump }: { readonly dump: CrashDump }) {
  const { file, bugcheck, crashedAt, uptimeMs, build, suspect } = dump;
  return (
    <li className={styles["evidence"]} data-tone={suspect === null ? undefined : "bad"}>
      <IconFileAlert size={18} aria-hidden />
      <div>
        <p>
          Crash dump: bugcheck {bugcheckWords(bugcheck)}. <strong>{suspectWords(dump)}</strong>
        </p>
        <p className="muted">
          {crashedAt !== null && (
            <>
              Written at <Moment at={crashedAt} /> by the device's clock
              {uptimeMs !== null && `, ${duration(uptimeMs)} after the start`};{" "}
            </>
          )}
          Windows build {build}; <code>{file}</code>
          {bugcheck.parameters.length > 0 && (
            <>
              ; parameters <code>{parameterWords(bugcheck)}</code>
            </>
          )}
        </p>
      </div>
    </li>
  );
}

function LogEntry({ boot: { startedAt, endedAt, kind, ended } }: { readonly boot: LoggedBoot }) {
  return (
    <li className={styles["evidence"]}>
      <IconListDetails size={18} aria-hidden />
      <p>
        Event log: the boot that began {startedAt === null ? "before the log begins" : <Moment at={startedAt} />} (
        {bootKindWords[kind]}) {endWords(ended)}
        {ended.kind === "bugcheck" && <code> {parameterWords(ended.bugcheck)}</code>}
        {endedAt !== null && (
          <>
            {" "}
            at <Moment at={endedAt} />
          </>
        )}
        .
      </p>
    </li>
  );
}
