/** `incidents`: what is faulty or not yet known to be, the evidence, stopping it, and the way to a plan. */
import { Command } from "commander";
import { z } from "zod";
import { Sha256 } from "../../protocol/canonical.ts";
import { ContentSourceId } from "../../protocol/content.ts";
import { IncidentId } from "../../protocol/ids.ts";
import { namedVersions } from "../../protocol/incident-words.ts";
import { IncidentState } from "../../protocol/incident.ts";
import { type Commands, NoOptions, parsed } from "./command.ts";
import { EXIT } from "./errors.ts";
import { haltText, incidentText, spreadText, timelineText } from "./incident-text.ts";
import { watchIncident } from "./incident-watch.ts";
import { moment, table } from "./output.ts";
import { dryRunCommand, planCommand, proposalCommand } from "./proposal-commands.ts";

const incidentOf = (text: string | undefined): IncidentId => parsed(IncidentId, text, "an incident");
const Because = z.object({ because: z.string() });

export function incidentsCommand(commands: Commands): Command {
  const incidents = new Command("incidents").summary(
    "what is faulty or not yet known to be, and what is done about it",
  );
  for (const command of [
    list(commands),
    show(commands),
    timeline(commands),
    spread(commands),
    halt(commands),
    settle(commands, "close"),
    settle(commands, "reopen"),
    merge(commands),
    declare(commands),
    proposalCommand(commands),
    planCommand(commands),
    dryRunCommand(commands),
  ]) {
    incidents.addCommand(command);
  }
  return incidents;
}

const list = (commands: Commands): Command =>
  commands
    .leaf(
      "list",
      "incidents, newest first",
      z.object({ state: IncidentState.optional() }),
      async ({ client, options: { state }, output }) => {
        const answer = await (await client()).incidents();
        const items = answer.items.filter((incident) => state === undefined || incident.state === state);
        output.answer({ ...answer, items }, () =>
          table(
            ["INCIDENT", "STATE", "OPENED", "AFFECTED", "EXPOSED", "UNKNOWN", "VERSIONS", "TITLE"],
            items.map(({ id, state: stands, declaredAt, affected, exposed, unknown, versions, title }) => [
              id,
              stands,
              moment(declaredAt),
              String(affected),
              String(exposed),
              String(unknown),
              versions.length === 0 ? "cause unknown" : namedVersions(versions),
              title,
            ]),
          ),
        );
        return undefined;
      },
    )
    .option("--state <state>", `only those that are ${IncidentState.options.join(", ")}`);

const WatchOptions = z.object({ watch: z.boolean().default(false), timeout: z.coerce.number().positive().optional() });

const show = (commands: Commands): Command =>
  commands
    .leaf(
      "show <incident>",
      "one incident: the sentence, who is struck, the evidence on both sides, what Halt would do",
      WatchOptions,
      async ({ args, client, options: { watch, timeout }, output, system }) => {
        const id = incidentOf(args[0]);
        const api = await client();
        if (watch) {
          const timeoutMs = timeout === undefined ? undefined : timeout * 1_000;
          return await watchIncident(api, id, output, { timeoutMs, interrupted: system.interrupted });
        }
        const incident = await api.incident(id);
        output.answer(incident, () => incidentText(incident));
        return undefined;
      },
    )
    .option("--watch", "show it again as it changes, until it is over; with --json a line for each change")
    .option("--timeout <seconds>", "stop watching after so long");

const timeline = (commands: Commands): Command =>
  commands.leaf(
    "timeline <incident>",
    "what happened and what was done, by whom and why, oldest first",
    NoOptions,
    async ({ args, client, output }) => {
      const id = incidentOf(args[0]);
      const api = await client();
      const answer = await api.incidentTimeline(id);
      const incident = output.json ? undefined : await api.incident(id);
      output.answer(answer, () => timelineText(answer.items, incident ?? { versions: [] }));
      return undefined;
    },
  );

const spread = (commands: Commands): Command =>
  commands.leaf(
    "spread <incident>",
    "how it lies over the sites, the most affected first",
    NoOptions,
    async ({ args, client, output }) => {
      const answer = await (await client()).incidentSpread(incidentOf(args[0]));
      output.answer(answer, () => spreadText(answer));
      return undefined;
    },
  );

const halt = (commands: Commands): Command =>
  commands
    .leaf(
      "halt <incident>",
      "stop what one person may stop: our rollouts, the vendor's updates, the source; needs nobody's consent",
      Because,
      async ({ args, client, options, output }) => {
        const answer = await (await client()).haltIncident(incidentOf(args[0]), options.because);
        output.answer(answer, () => haltText(answer));
        return answer.failed.length > 0 ? EXIT.error : undefined;
      },
    )
    .requiredOption("--because <text>", "the reason, for the record");

const SETTLING = {
  close: "say that it is over; nothing on any device changes, and a convicted version stays flagged",
  reopen: "say that it is not over after all",
} as const;

const settle = (commands: Commands, verdict: keyof typeof SETTLING): Command =>
  commands
    .leaf(`${verdict} <incident>`, SETTLING[verdict], Because, async ({ args, client, options, output }) => {
      const id = incidentOf(args[0]);
      const api = await client();
      const incident = await (verdict === "close"
        ? api.closeIncident(id, options.because)
        : api.reopenIncident(id, options.because));
      output.answer(incident, () => incidentText(incident));
      return undefined;
    })
    .requiredOption("--because <text>", "the reason, for the timeline");

const merge = (commands: Commands): Command =>
  commands
    .leaf(
      "merge <incident>",
      "say that it is the same as another one, where all goes on",
      Because.extend({ into: IncidentId }),
      async ({ args, client, options: { into, because }, output }) => {
        const incident = await (await client()).mergeIncident(incidentOf(args[0]), into, because);
        output.answer(incident, () => incidentText(incident));
        return undefined;
      },
    )
    .requiredOption("--into <incident>", "the one in which all goes on")
    .requiredOption("--because <text>", "the reason, for both timelines");

const DeclareOptions = z.object({ title: z.string(), source: ContentSourceId, sha256: Sha256, evidence: z.string() });

const declare = (commands: Commands): Command =>
  commands
    .leaf(
      "declare",
      "declare a content version faulty; changes nothing on any device",
      DeclareOptions,
      async ({ client, options, output }) => {
        const { title, source, sha256, evidence } = options;
        const incident = await (await client()).declareIncident({ title, content: { source, sha256 }, evidence });
        output.answer(incident, () => incidentText(incident));
        return undefined;
      },
    )
    .requiredOption("--title <text>", "what people will call it")
    .requiredOption("--source <source>", "the content source, as in `content list`")
    .requiredOption("--sha256 <digest>", "the faulty version's digest")
    .requiredOption("--evidence <text>", "what you saw");
