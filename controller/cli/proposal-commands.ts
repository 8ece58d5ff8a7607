/** From an incident to a plan: what fits, what a few devices say to it, the plan; and the library that it comes from. */
import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import { z } from "zod";
import type { DryRunView, PlanProposal } from "../../protocol/api-proposals.ts";
import { DeviceId, IncidentId } from "../../protocol/ids.ts";
import { LIBRARY_PARAMETERS, LibraryParameters } from "../../protocol/library.ts";
import { Slug } from "../../protocol/names.ts";
import type { ApiClient } from "./client.ts";
import { type Commands, NoOptions, parsed } from "./command.ts";
import { EXIT, type ExitCode, UsageError } from "./errors.ts";
import { section } from "./incident-text.ts";
import { clean, facts, table } from "./output.ts";
import { planText } from "./plan-commands.ts";

const incidentOf = (text: string | undefined): IncidentId => parsed(IncidentId, text, "an incident");
const PlaybookOption = z.object({ playbook: Slug.optional() });
const withPlaybook = (command: Command): Command =>
  command.option("--playbook <name>", "another one of the library, as in `library list`");

const ChoiceOptions = PlaybookOption.extend({ with: z.array(z.string()).default([]) });
const withChoice = (command: Command): Command =>
  withPlaybook(command).option("--with <name=value...>", "what the proposal says is missing, as you found it out");

/** @throws UsageError for a parameter that no playbook has */
function choiceOf({ playbook, with: given }: z.output<typeof ChoiceOptions>) {
  const pairs = given.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)] as const);
  const parameters = LibraryParameters.safeParse(Object.fromEntries(pairs));
  if (!parameters.success || given.some((pair) => !pair.includes("=")))
    throw new UsageError(`--with takes name=value; the names are ${Object.keys(LIBRARY_PARAMETERS).join(", ")}.`);
  return { playbook, ...(given.length === 0 ? {} : { parameters: parameters.data }) };
}

export const proposalCommand = (commands: Commands): Command =>
  withPlaybook(
    commands.leaf(
      "proposal <incident>",
      "the matching playbook and why, its targets, who is left out, waves, and how long it may take",
      PlaybookOption,
      async ({ args, client, options: { playbook }, output }) => {
        const proposal = await (await client()).proposal(incidentOf(args[0]), playbook);
        output.answer(proposal, () => proposalText(proposal));
        if (proposal.request !== null && !output.json)
          output.note(`\nTo make it: ringback incidents plan ${proposal.incident}`);
        return proposal.request === null ? EXIT.conflict : undefined;
      },
    ),
  );

export const planCommand = (commands: Commands): Command =>
  withChoice(
    commands.leaf(
      "plan <incident>",
      "make the proposed plan; nothing happens before approvers have signed it",
      ChoiceOptions,
      async ({ args, client, options, output }) => {
        const plan = await (await client()).planIncident(incidentOf(args[0]), choiceOf(options));
        output.answer(plan, () => planText(plan));
        if (!output.json) output.note(`\nNothing happens before it is approved: ringback approve ${plan.id}`);
        return undefined;
      },
    ),
  );

const DryRunOptions = ChoiceOptions.extend({
  device: z.array(DeviceId).max(20).optional(),
  timeout: z.coerce.number().positive().default(60),
});
const ASK_AGAIN_MS = 500;

export const dryRunCommand = (commands: Commands): Command =>
  withChoice(
    commands.leaf(
      "dry-run <incident>",
      "ask a few devices what each step would do there; changes nothing",
      DryRunOptions,
      async ({ args, client, options: { device, timeout, ...choice }, output, system }) => {
        const id = incidentOf(args[0]);
        const api = await client();
        const begun = await api.startDryRun(id, { ...choiceOf(choice), devices: device });
        const stop = AbortSignal.any([system.interrupted, AbortSignal.timeout(timeout * 1_000)]);
        const answer = await answered(api, id, begun, stop);
        output.answer(answer, () => dryRunText(answer));
        return system.interrupted.aborted ? EXIT.interrupted : exitOf(answer);
      },
    ),
  )
    .option("--device <id...>", "ask these, at most 20")
    .option("--timeout <seconds>", "wait so long for their answers", "60");

const isWaiting = ({ devices }: DryRunView): boolean => devices.some(({ state }) => state === "asked");

async function answered(api: ApiClient, id: IncidentId, begun: DryRunView, stop: AbortSignal): Promise<DryRunView> {
  let view = begun;
  while (isWaiting(view) && !stop.aborted) {
    await sleep(ASK_AGAIN_MS, undefined, { signal: stop }).catch(() => undefined);
    view = await api.dryRun(id);
  }
  return view;
}

/** A script goes on only if devices have answered and no step would fail. */
function exitOf(view: DryRunView): ExitCode {
  const isBad = view.devices.some(
    ({ state, steps }) => state === "refused" || steps.some(({ would }) => would === "fail"),
  );
  if (isBad) return EXIT.conflict;
  return isWaiting(view) || view.devices.every(({ state }) => state !== "answered") ? EXIT.timedOut : EXIT.ok;
}

function dryRunText({ devices, sentence }: DryRunView): string {
  const rows = devices.flatMap(({ name, role, state, steps, because }) =>
    steps.length === 0
      ? [[name, role, state, "", "", because]]
      : steps.map(({ step, would, because: why }) => [name, role, state, String(step + 1), would, why]),
  );
  return `${clean(sentence)}\n\n${table(["DEVICE", "ROLE", "STATE", "STEP", "WOULD", "WHY"], rows)}`;
}

function proposalText(proposal: PlanProposal): string {
  const { playbook, because, targets, waves, excluded, rules, warnings, missing, alternatives, whatIf, request } =
    proposal;
  const head = facts([
    ["Incident", proposal.incident],
    ["Playbook", playbook === null ? "none of the library fits" : `${playbook.name}: ${playbook.title}`],
    ["Why", because],
    ["Targets", String(targets)],
  ]);
  const steps = (request?.playbook.steps ?? []).map((step, i) => {
    const { kind, ...rest } = step;
    return [`${i + 1}`, kind, JSON.stringify(rest)];
  });
  const minutes = (value: number | null): string => (value === null ? "not in time" : String(Math.round(value)));
  return [
    head,
    ...section("Missing before a plan can be made", missing),
    ...section("Mind before you make it", warnings),
    ...section("Adapted", playbook?.adapted ?? []),
    ...part(["STEP", "KIND", "WITH"], steps),
    ...part(
      ["WAVE", "DEVICES", "WHY SO"],
      waves.map(({ name, devices, because: why }) => [name, String(devices), why]),
    ),
    ...part(
      ["LEFT OUT", "WHY", "SOME OF THEM"],
      excluded.map(({ devices, because: why, examples }) => [String(devices), why, examples.join(", ")]),
    ),
    ...part(
      ["MINUTES UNTIL HALF", "90 %", "99 %", "STRATEGY"],
      whatIf.map(({ strategy, half, ninety, ninetyNine }) => [
        minutes(half),
        minutes(ninety),
        minutes(ninetyNine),
        strategy,
      ]),
    ),
    ...section("Rules that hold", rules),
    ...section(
      "Others that could be meant",
      alternatives.map(({ name, because: why }) => `${name}: ${why}`),
    ),
  ].join("\n");
}

const part = (head: readonly string[], rows: readonly (readonly string[])[]): string[] =>
  rows.length === 0 ? [] : ["", table(head, rows)];

export function libraryCommand(commands: Commands): Command {
  const list = commands.leaf("list", "the playbooks that are ready to use", NoOptions, async ({ client, output }) => {
    const library = await (await client()).library();
    output.answer(library, () =>
      table(
        ["PLAYBOOK", "SOURCE", "RESTARTS", "AFTER", "TITLE"],
        library.items.map(({ name, source, restarts, after, title }) => [
          name,
          source,
          restarts ? "yes" : "no",
          after,
          title,
        ]),
      ),
    );
    return undefined;
  });
  const show = commands.leaf("show <playbook>", "one playbook as YAML", NoOptions, async ({ args, client, output }) => {
    const name = parsed(Slug, args[0], "a playbook");
    const { items } = await (await client()).library();
    const entry = items.find((each) => each.name === name);
    if (entry === undefined)
      throw new UsageError(`The library has no playbook ${name}. See them all: ringback library list`);
    output.answer(entry, () => entry.yaml.split("\n").map(clean).join("\n").trimEnd());
    return undefined;
  });
  return new Command("library").summary("playbooks that are ready to use").addCommand(list).addCommand(show);
}
