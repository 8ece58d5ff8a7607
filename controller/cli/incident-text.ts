/** An incident as the command line prints it: the sentence first, then who is struck, the evidence, what was done. */
import type { z } from "zod";
import type { IncidentHaltAnswer, IncidentSpread, IncidentView } from "../../protocol/api-incidents.ts";
import {
  CAUSES,
  incidentEventWords,
  largeNumber,
  namedVersions,
  RESPONSE_MODES,
  strengthWords,
  waitsForPerson,
} from "../../protocol/incident-words.ts";
import type { IncidentEvent } from "../../protocol/incident.ts";
import { clean, facts, moment, table } from "./output.ts";

export function incidentText(incident: IncidentView): string {
  const { id, title, state, cause, sentence, versions, counts, evidence, response, crashes } = incident;
  const waits = waitsForPerson(incident);
  const head = facts([
    ["Incident", id],
    ["Title", title],
    ["State", `${state}${incident.mergedInto === null ? "" : ` into ${incident.mergedInto}`}`],
    ["Cause", CAUSES[cause].word.toLowerCase()],
    ["Versions", versions.length === 0 ? "none is named yet" : namedVersions(versions)],
    ["SHA-256", incident.content?.sha256 ?? "-"],
    ["Affected", `${incident.affected}, of these ${incident.crashed} crashed`],
    ["Exposed", `${incident.exposed}, of these ${incident.exposedAndWell} well so far`],
    ["Not exposed", String(incident.notExposed)],
    ["Unknown", String(incident.unknown)],
    [
      "Strength",
      counts === null
        ? "no number convicts it"
        : `${largeNumber(counts.e)} of ${largeNumber(counts.threshold)}. ${strengthWords(counts.e, counts.threshold)}`,
    ],
    ["Crashes", crashes.sentence],
    ["Opened", `${moment(incident.declaredAt)} by ${incident.declaredBy}`],
    ["By itself", `${RESPONSE_MODES[response.mode].word.toLowerCase()}. ${response.because}`],
    ["Plan", response.plan ?? "none yet"],
  ]);
  return [
    clean(sentence),
    ...(waits.length === 0 ? [] : [`Waits for a person: ${waits.join("; ")}.`]),
    "",
    head,
    ...(evidence.sentence === sentence ? [] : ["", clean(evidence.sentence)]),
    ...section("For it", evidence.for),
    ...section("Against it", evidence.against),
    ...section("Not known", evidence.unknown),
    ...section("Halt would", response.haltWould),
  ].join("\n");
}

/** A heading and its lines, with an empty line before; nothing where there are none. */
export const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ["", `${title}:`, ...lines.map((line) => `  - ${clean(line)}`)];

export const haltText = ({ done, failed, waits }: z.infer<typeof IncidentHaltAnswer>): string =>
  [
    failed.length > 0 ? "Halted in part: something could not be stopped." : "Halted.",
    ...section("Could not be done", failed),
    ...section("Done", done),
    ...section("Waits for a person", waits),
  ].join("\n");

export const timelineText = (events: readonly IncidentEvent[], { versions }: Pick<IncidentView, "versions">): string =>
  table(
    ["AT", "WHAT", "BY", "WHY"],
    events.map((event) => {
      const { what, why, who } = incidentEventWords(event, versions);
      return [moment(event.at), what, who, why];
    }),
  );

export function spreadText({ sites, others }: z.infer<typeof IncidentSpread>): string {
  const rows = sites.map(({ site, devices, affected, exposedAndWell, notExposed, unknown }) => [
    String(affected),
    String(devices),
    String(exposedAndWell),
    String(notExposed),
    String(unknown),
    site,
  ]);
  const shown = table(["AFFECTED", "MACHINES", "EXPOSED AND WELL", "NOT EXPOSED", "UNKNOWN", "SITE"], rows);
  if (others.sites === 0) return shown;
  return `${shown}\n\n${others.sites} further sites with ${others.devices} machines, ${others.affected} of them affected.`;
}
