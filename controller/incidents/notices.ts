/** What people elsewhere are told of an incident: what happened, not every count that moved. Pure. */
import { sha256Hex } from "../../protocol/canonical.ts";
import type { IncidentEvent } from "../../protocol/incident.ts";
import type { Instant } from "../../protocol/time.ts";
import type { IncidentNotice, SuspectNotice } from "../ports/notices.ts";
import type { NamedFinding } from "./decide-incidents.ts";
import { wordsOf } from "./evidence.ts";
import { type Incident, isOf, keyOf } from "./incident.ts";

/** @param from the place of the first event to tell of */
export function noticesOf(
  incident: Incident,
  events: readonly IncidentEvent[],
  from: number,
): readonly IncidentNotice[] {
  const { id, title } = incident;
  return events.slice(from).flatMap((event, i): IncidentNotice[] => {
    if (event.kind === "evidence") {
      // Machines that fall silent while an incident is open are news; where they opened it, its opening says so.
      if (event.of !== null || events[from + i - 1]?.kind === "opened") return [];
      const sentence = event.words.sentence;
      return [{ id: `${id}-${from + i + 1}`, type: "incident.evidence", at: event.at, incident: id, title, sentence }];
    }
    const type = `incident.${event.kind}` as const;
    return [{ id: `${id}-${from + i + 1}`, type, at: event.at, incident: id, title, sentence: sentenceOf(event) }];
  });
}

/** Versions under suspicion alone: those that no incident names, and that are not convicted with the same word. */
export function suspectNotices(
  findings: readonly NamedFinding[],
  incidents: readonly Incident[],
  at: Instant,
): readonly SuspectNotice[] {
  return findings.flatMap((finding): SuspectNotice[] => {
    if (finding.kind !== "suspect") return [];
    const { of, label, standing } = finding.standing;
    const isNamed = incidents.some((incident) => incident.state !== "merged" && isOf(incident, of));
    if (isNamed) return [];
    const name = label === "" ? of.sha256.slice(0, 12) : label;
    const id = `suspect-${sha256Hex(new TextEncoder().encode(keyOf(of))).slice(0, 32)}-${standing.firstSeenAt}`;
    return [
      {
        id,
        type: "detection.suspect",
        at,
        of,
        title: `${name} (${of.source}) is under suspicion`.slice(0, 200),
        sentence: `${wordsOf(finding.standing, null).sentence} That is not enough to convict it: nothing is done by itself, and more machines will clear it or convict it. Look at the detection page.`,
      },
    ];
  });
}

function sentenceOf(event: Exclude<IncidentEvent, { kind: "evidence" }>): string {
  switch (event.kind) {
    case "rollouts-halted":
      return `${event.rollouts.length === 1 ? "1 rollout was" : `${event.rollouts.length} rollouts were`} halted. ${event.because}`;
    case "vendor":
      return `${event.connector}, ${event.action} ${event.source}: ${event.outcome}. ${event.because}`;
    case "hold":
      return `Hold of ${event.source}: ${event.outcome}. ${event.because}`;
    case "opened":
    case "versions-named":
    case "plan-made":
    case "seen-again":
    case "silence-over":
    case "merged":
    case "absorbed":
    case "closed":
    case "reopened":
      return event.because;
  }
}
