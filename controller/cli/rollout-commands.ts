/** `rollouts`: start, watch, stop, undo. */
import { createInterface } from "node:readline/promises";
import { Command } from "commander";
import { z } from "zod";
import { RolloutAction, RolloutDeviceQuery } from "../../protocol/api.ts";
import { RolloutId } from "../../protocol/ids.ts";
import { rolloutBoard } from "./board.ts";
import { type Commands, NoOptions, parsed, type System } from "./command.ts";
import { EXIT, UsageError } from "./errors.ts";
import { moment, table } from "./output.ts";
import { planOf, planText } from "./plan-commands.ts";
import { watchRollout } from "./watch.ts";

const rolloutOf = (text: string | undefined): RolloutId => parsed(RolloutId, text, "a rollout");

const BecauseOption = z.object({ because: z.string(), confirm: z.string().optional() });

const ACTION_SUMMARIES: Readonly<Record<RolloutAction, string>> = {
  pause: "take no new device; those that have begun finish",
  resume: "go on, accepting the failures so far",
  halt: "stop everywhere now; devices stay at a safe point",
  abort: "give the rollout up for good",
};

export function rolloutsCommand(commands: Commands): Command {
  const list = commands.leaf("list", "all rollouts", NoOptions, async ({ client, output }) => {
    const rollouts = await (await client()).rollouts();
    output.answer(rollouts, () =>
      table(
        ["ROLLOUT", "PHASE", "STARTED", "OK", "DEVICES", "TITLE"],
        rollouts.items.map(({ id, phase, startedAt, counts, title }) => [
          id,
          phase,
          moment(startedAt),
          String(counts.succeeded),
          String(counts.planned),
          title,
        ]),
      ),
    );
    return undefined;
  });
  const show = commands.leaf(
    "show <rollout>",
    "one rollout: waves, gates, and what it waits for",
    NoOptions,
    async ({ args, client, output }) => {
      const rollout = await (await client()).rollout(rolloutOf(args[0]));
      output.answer(rollout, () => rolloutBoard(rollout, output.colors));
      return undefined;
    },
  );
  const start = commands.leaf(
    "start <plan>",
    "start the rollout of an approved plan",
    NoOptions,
    async ({ args, client, output }) => {
      const api = await client();
      const plan = await api.plan(planOf(args[0]));
      if (plan.approvedAt === null) {
        output.note(`This plan waits for approval: ringback plans approve ${plan.id} --digest ${plan.digest}`);
        return EXIT.waitsForApproval;
      }
      const rollout = await api.startRollout(plan.id);
      output.answer(rollout, () => rolloutBoard(rollout, output.colors));
      if (!output.json) output.note(`\nTo follow it: ringback rollouts watch ${rollout.id}`);
      return undefined;
    },
  );
  const undo = commands.leaf(
    "undo <rollout>",
    "make a plan that undoes what the rollout did; it needs its own approval",
    NoOptions,
    async ({ args, client, output }) => {
      const plan = await (await client()).makeUndoPlan(rolloutOf(args[0]));
      output.answer(plan, () => planText(plan));
      if (!output.json)
        output.note(
          `\nNothing happens before it is approved: ringback plans approve ${plan.id} --digest ${plan.digest}`,
        );
      return undefined;
    },
  );
  const rollouts = new Command("rollouts").summary("plans being carried out");
  for (const command of [
    list,
    show,
    devicesOf(commands),
    start,
    ...RolloutAction.options.map((action) => act(commands, action)),
    undo,
    watch(commands),
  ]) {
    rollouts.addCommand(command);
  }
  return rollouts;
}

const DevicesOptions = RolloutDeviceQuery.pick({ wave: true, status: true, limit: true, cursor: true });

function devicesOf(commands: Commands): Command {
  const command = commands.leaf(
    "devices <rollout>",
    "what has become of each device, a page at a time",
    DevicesOptions,
    async ({ args, client, options, output }) => {
      const page = await (await client()).rolloutDevices(rolloutOf(args[0]), options);
      output.answer(page, () =>
        table(
          ["DEVICE", "NAME", "SITE", "WAVE", "STATUS", "SINCE", "DETAIL"],
          page.items.map(({ device, name, site, wave, status, connected, since, detail }) => [
            device,
            name,
            site,
            String(wave),
            status === "waiting" && !connected ? "waiting (not connected)" : status,
            moment(since),
            detail ?? "",
          ]),
        ),
      );
      if (page.next !== null && !output.json) output.note(`There are more: add --cursor ${page.next}`);
      return undefined;
    },
  );
  return command
    .option("--wave <number>", "only those of this wave, the first is 0")
    .option("--status <status>", "only those with this status; unreached: waiting and not connected")
    .option("--limit <count>", "at most so many, 1 to 500", "50")
    .option("--cursor <cursor>", "go on where the page before ended");
}

function act(commands: Commands, action: RolloutAction): Command {
  const command = commands.leaf(
    `${action} <rollout>`,
    ACTION_SUMMARIES[action],
    BecauseOption,
    async ({ args, client, options, output, system }) => {
      const id = rolloutOf(args[0]);
      if (action === "abort") await confirm(id, options.confirm, system);
      const rollout = await (await client()).act(id, action, options.because);
      output.answer(rollout, () => rolloutBoard(rollout, output.colors));
      return undefined;
    },
  );
  command.requiredOption("--because <text>", "the reason, kept with the rollout");
  if (action === "abort") command.option("--confirm <rollout>", "the rollout's id again, instead of being asked");
  return command;
}

/** What cannot be taken back needs the name a second time. Stopping can be, so it is never held up by a question. */
async function confirm(id: RolloutId, given: string | undefined, { stdin, stderr }: System): Promise<void> {
  let answer = given;
  if (answer === undefined && "isTTY" in stdin && stdin.isTTY === true) {
    const question = createInterface({ input: stdin, output: stderr });
    answer = await question.question(`An aborted rollout cannot go on. Type its id to abort it: `);
    question.close();
  }
  if (answer?.trim() !== id) throw new UsageError(`Not aborted. Confirm with --confirm=${id}.`);
}

function watch(commands: Commands): Command {
  const Options = z.object({ timeout: z.coerce.number().positive().optional() });
  const summary = "follow a rollout until it has ended; with --json one document a line";
  const command = commands.leaf(
    "watch <rollout>",
    summary,
    Options,
    async ({ args, client, options, output, system }) =>
      watchRollout(await client(), rolloutOf(args[0]), output, {
        timeoutMs: options.timeout === undefined ? undefined : options.timeout * 1_000,
        interrupted: system.interrupted,
      }),
  );
  return command.option("--timeout <seconds>", "stop watching after so long, with exit code 6");
}
