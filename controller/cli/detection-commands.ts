/** `detection`: what is watched, what is learnt, and what the controller may do by itself. */
import { Command } from "commander";
import { z } from "zod";
import { type DetectionView, ResponseRule, type ResponseRulesView } from "../../protocol/api-incidents.ts";
import { largeNumber, RESPONSE_MODES, versionName } from "../../protocol/incident-words.ts";
import { ResponseMode } from "../../protocol/incident.ts";
import { type Commands, NoOptions, parsed } from "./command.ts";
import { UsageError } from "./errors.ts";
import { clean, facts, moment, table } from "./output.ts";

export function detectionCommand(commands: Commands): Command {
  const show = commands.leaf(
    "show",
    "versions under watch, what is learnt, and what detection can promise on this fleet",
    NoOptions,
    async ({ client, output }) => {
      const detection = await (await client()).detection();
      output.answer(detection, () => detectionText(detection));
      return undefined;
    },
  );
  return new Command("detection")
    .summary("what finds faulty versions, and what is done by itself")
    .addCommand(show)
    .addCommand(responsesCommand(commands));
}

const SourceOption = z.object({ source: ResponseRule.shape.source });

function responsesCommand(commands: Commands): Command {
  const get = commands.leaf(
    "get",
    "what the controller may do by itself, by content source",
    NoOptions,
    async ({ client, output }) => {
      const rules = await (await client()).responseRules();
      output.answer(rules, () => rulesText(rules));
      return undefined;
    },
  );
  const set = commands
    .leaf(
      "set <mode>",
      `${ResponseMode.options.join(", ")}: how far the controller may go by itself about a source`,
      SourceOption,
      async ({ args, client, options: { source }, output }) => {
        const mode = parsed(ResponseMode, args[0], "a mode");
        const api = await client();
        const { rules } = await api.responseRules();
        const others = rules.filter((rule) => rule.source !== source);
        const changed = await api.putResponseRules({ rules: [...others, { source, mode }] });
        output.answer(changed, () => rulesText(changed));
        return undefined;
      },
    )
    .requiredOption("--source <source>", "the content source; '*' for every source that has no rule of its own");
  const remove = commands
    .leaf("remove", "take the rule of a source away", SourceOption, async ({ client, options: { source }, output }) => {
      const api = await client();
      const { rules } = await api.responseRules();
      const left = rules.filter((rule) => rule.source !== source);
      if (left.length === rules.length) throw new UsageError(`There is no rule for ${source}. Nothing was changed.`);
      const changed = await api.putResponseRules({ rules: left });
      output.answer(changed, () => rulesText(changed));
      return undefined;
    })
    .requiredOption("--source <source>", "the content source, or '*'");
  return new Command("responses")
    .summary("what the controller may do by itself")
    .addCommand(get)
    .addCommand(set)
    .addCommand(remove);
}

function rulesText({ rules, changedAt, changedBy }: z.infer<typeof ResponseRulesView>): string {
  const others = rules.some(({ source }) => source === "*") ? [] : [{ source: "*", mode: "propose" as const }];
  const rows = [...rules, ...others].map(({ source, mode }) => [source, mode, RESPONSE_MODES[mode].meaning]);
  const changed = changedAt === null ? "never" : `${moment(changedAt)} by ${changedBy ?? "not known"}`;
  return `${table(["SOURCE", "MODE", "MEANS"], rows)}\n\n${facts([["Changed", changed]])}`;
}

function detectionText({
  sentence,
  canConvict,
  devices,
  massSilence,
  versions,
  learnt,
  classes,
}: DetectionView): string {
  const perThousand = (rate: DetectionView["versions"][number]["rate"]): string =>
    rate === null ? "-" : `${rate.perThousand} (${rate.low}-${rate.high})`;
  return [
    clean(sentence),
    "",
    facts([
      ["Devices", String(devices)],
      ["Convicts by numbers", canConvict ? "yes" : "no: the fleet is too small"],
      ["Mass silence", massSilence ? "yes, now" : "no"],
      ...classes.map((each) => [`  ${each.class}`, String(each.devices)] as const),
    ]),
    "",
    table(
      ["VERSION", "STATUS", "E", "CONVICTS AT", "PER 1,000 THAT RUN IT", "PER 1,000 OTHERS", "WHY"],
      versions.map((version) => [
        versionName(version),
        version.status,
        largeNumber(version.counts.e),
        largeNumber(version.counts.threshold),
        perThousand(version.rate),
        perThousand(version.others),
        version.because,
      ]),
    ),
    "",
    table(
      ["LEARNT", "VALUE", "UNIT", "FROM", "WHY"],
      learnt.map(({ name, value, unit, isDefault, because }) => [
        name,
        String(value),
        unit,
        isDefault ? "default" : "learnt",
        because,
      ]),
    ),
  ].join("\n");
}
