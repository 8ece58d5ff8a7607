/** What people elsewhere are told of an incident: what happened, not every count that moved. Pure. */
import type { IncidentEvent } from "../../protocol/incident.ts";
import type { IncidentNotice } from "../ports.ts";
import type { Incident } from "./incident.ts";

/** @param from the place of the first event to tell of */
export function noticesOf(
  incident: Incident,
  events: readonly IncidentEvent[],
  from: number,
): readonly IncidentNotice[] {
  const { id, title } = incident;
  return events.slice(from).flatMap((event, i): IncidentNotice[] => {
    if (event.kind === "evidence") return [];
    const type = `incident.${event.kind}` as const;
    return [{ id: `${id}-${from + i + 1}`, type, at: event.at, incident: id, title, sentence: sentenceOf(event) }];
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
