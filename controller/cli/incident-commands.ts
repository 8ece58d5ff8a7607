/** `content` and `incidents`: the versions that are out there, and those that are declared faulty. */
import { Command } from "commander";
import { z } from "zod";
import type { IncidentView } from "../../protocol/api-incidents.ts";
import { Sha256 } from "../../protocol/canonical.ts";
import { ContentSourceId } from "../../protocol/content.ts";
import { IncidentId } from "../../protocol/ids.ts";
import { type Commands, NoOptions, parsed } from "./command.ts";
import { facts, moment, shortHash, table } from "./output.ts";

export function contentCommand(commands: Commands): Command {
  const list = commands.leaf(
    "list",
    "content versions seen on the fleet, and how those who run them fare",
    NoOptions,
    async ({ client, output }) => {
      const content = await (await client()).content();
      output.answer(content, () =>
        table(
          ["CONTENT", "VERSION", "DEVICES", "CRASHED", "FIRST SEEN", "SHA-256"],
          content.items.map(({ source, label, devices, crashed, firstSeenAt, sha256 }) => [
            source,
            label,
            String(devices),
            String(crashed),
            moment(firstSeenAt),
            sha256,
          ]),
        ),
      );
      return undefined;
    },
  );
  return new Command("content").summary("versions of security content").addCommand(list);
}

const DeclareOptions = z.object({ title: z.string(), source: ContentSourceId, sha256: Sha256, evidence: z.string() });

export function incidentsCommand(commands: Commands): Command {
  const list = commands.leaf("list", "declared incidents", NoOptions, async ({ client, output }) => {
    const incidents = await (await client()).incidents();
    output.answer(incidents, () =>
      table(
        ["INCIDENT", "DECLARED", "EXPOSED", "CRASHED", "CONTENT", "TITLE"],
        incidents.items.map(({ id, declaredAt, exposed, crashed, content, title }) => [
          id,
          moment(declaredAt),
          String(exposed),
          String(crashed),
          content === null ? "cause unknown" : `${content.source} ${content.label ?? shortHash(content.sha256)}`,
          title,
        ]),
      ),
    );
    return undefined;
  });
  const show = commands.leaf("show <incident>", "one incident", NoOptions, async ({ args, client, output }) => {
    const incident = await (await client()).incident(parsed(IncidentId, args[0], "an incident"));
    output.answer(incident, () => incidentText(incident));
    return undefined;
  });
  const declare = commands.leaf(
    "declare",
    "declare a content version faulty; changes nothing on any device",
    DeclareOptions,
    async ({ client, options, output }) => {
      const { title, source, sha256, evidence } = options;
      const incident = await (await client()).declareIncident({ title, content: { source, sha256 }, evidence });
      output.answer(incident, () => incidentText(incident));
      return undefined;
    },
  );
  declare
    .requiredOption("--title <text>", "what people will call it")
    .requiredOption("--source <source>", "the content source, as in `content list`")
    .requiredOption("--sha256 <digest>", "the faulty version's digest")
    .requiredOption("--evidence <text>", "what you saw");
  return new Command("incidents")
    .summary("content versions declared faulty")
    .addCommand(list)
    .addCommand(show)
    .addCommand(declare);
}

const incidentText = (incident: IncidentView): string =>
  facts([
    ["Incident", incident.id],
    ["Title", incident.title],
    ["Content", contentText(incident)],
    ["SHA-256", incident.content?.sha256 ?? "-"],
    ["Exposed", `${incident.exposed} devices, ${incident.crashed} of them crashed`],
    ["Crashes", incident.crashes.sentence],
    ["Declared", `${moment(incident.declaredAt)} by ${incident.declaredBy}`],
    ["Evidence", incident.evidence.sentence],
  ]);

const contentText = ({ content }: IncidentView): string =>
  content === null ? "not known yet" : `${content.source} ${content.label ?? "(version not seen on any device)"}`;
