/** Evidence as one JSON document a file, for programs: names and units here are an interface that scripts rely on. */
import type { LoggedBoot } from "../../protocol/boot.ts";
import type { Evidence } from "./inspect.ts";

/** Times are milliseconds UTC by the machine's own clock, or null where the file does not say. */
export function evidenceDocument(file: string, evidence: Evidence): Readonly<Record<string, unknown>> {
  switch (evidence.kind) {
    case "event-log": {
      const { kind, channel, records, recovered, lost, lostBecause, counts, boots } = evidence;
      return { file, kind, channel, records, recovered, lost, counts, boots: boots.map(bootDocument), lostBecause };
    }
    case "crash-dump": {
      const { kind, bugcheck, crashedAt, uptimeSeconds, build, machine, drivers, suspect, notes } = evidence;
      return { file, kind, bugcheck, crashedAt, uptimeSeconds, build, machine, drivers, suspect, notes };
    }
    case "startup-repair":
      return { file, ...evidence };
  }
}

function bootDocument({ startedAt, endedAt, kind, ended }: LoggedBoot): Readonly<Record<string, unknown>> {
  const bugcheck = ended.kind === "bugcheck" ? ended.bugcheck : null;
  return { startedAt, endedAt, ended: ended.kind, bugcheck, bootKind: kind };
}
