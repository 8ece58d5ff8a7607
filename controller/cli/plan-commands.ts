/** `plans`: what is to be done, to which devices, in which order; made, shown and approved. */
import { Command } from "commander";
import { z } from "zod";
import type { PlanView } from "../../protocol/api.ts";
import { Sha256 } from "../../protocol/canonical.ts";
import { PlanId } from "../../protocol/ids.ts";
import { type Commands, NoOptions, parsed, readText } from "./command.ts";
import { explained, readDocument } from "./documents.ts";
import { facts, moment, table } from "./output.ts";

export const planOf = (text: string | undefined): PlanId => parsed(PlanId, text, "a plan");

export function plansCommand(commands: Commands): Command {
  const list = commands.leaf("list", "plans, newest first", NoOptions, async ({ client, output }) => {
    const plans = await (await client()).plans();
    output.answer(plans, () =>
      table(
        ["PLAN", "CREATED", "BY", "APPROVED", "ROLLOUT", "TITLE"],
        plans.items.map(({ id, createdAt, createdBy, approvedBy, rollout, title }) => [
          id,
          moment(createdAt),
          createdBy,
          approvedBy ?? "no",
          rollout ?? "not started",
          title,
        ]),
      ),
    );
    return undefined;
  });
  const show = commands.leaf(
    "show <plan>",
    "one plan: steps, waves, and the digest that an approver repeats",
    NoOptions,
    async ({ args, client, output }) => {
      const plan = await (await client()).plan(planOf(args[0]));
      output.answer(plan, () => planText(plan));
      return undefined;
    },
  );
  const create = commands.leaf(
    "create",
    "bind a playbook to devices and a strategy",
    z.object({ file: z.string() }),
    async ({ client, options, output, system }) => {
      const source = readDocument(options.file, await readText(options.file, system));
      const api = await client();
      // The controller checks it; its faults come back with their lines.
      const plan = await explained(source, () => api.makePlan(source.value as never));
      output.answer(plan, () => planText(plan));
      if (!output.json)
        output.note(
          `\nNothing happens before it is approved: ringback plans approve ${plan.id} --digest ${plan.digest}`,
        );
      return undefined;
    },
  );
  create.requiredOption("-f, --file <file>", "the plan as YAML or JSON; - for standard input");
  const approve = commands.leaf(
    "approve <plan>",
    "approve a plan by the digest that was read",
    z.object({ digest: Sha256 }),
    async ({ args, client, options, output }) => {
      const plan = await (await client()).approvePlan(planOf(args[0]), options.digest);
      output.answer(plan, () => planText(plan));
      if (!output.json) output.note(`\nApproved. To begin: ringback rollouts start ${plan.id}`);
      return undefined;
    },
  );
  approve.requiredOption("--digest <sha256>", "as `plans show` prints it: you cannot approve what you did not see");
  return new Command("plans")
    .summary("what is to be done, to which devices, in which order")
    .addCommand(list)
    .addCommand(show)
    .addCommand(create)
    .addCommand(approve);
}

export function planText(plan: PlanView): string {
  const head = facts([
    ["Plan", plan.id],
    ["Title", plan.title],
    ["Digest", plan.digest],
    ["Created", `${moment(plan.createdAt)} by ${plan.createdBy}`],
    ["Undoes", plan.undoes ?? "no other plan"],
    ["Incident", plan.incident ?? "none"],
    ["Approved", plan.approvedAt === null ? "no" : `${moment(plan.approvedAt)} by ${plan.approvedBy ?? "not known"}`],
    ["Rollout", plan.rollout ?? "not started"],
  ]);
  const steps = plan.playbook.steps.map((step, i) => {
    const { kind, ...rest } = step;
    return [`${i + 1}`, kind, JSON.stringify(rest)];
  });
  const waves = plan.waves.map(({ name, deviceCount, sites }) => [
    name,
    String(deviceCount),
    sites.map(({ site, deviceCount: count }) => `${site} ${count}`).join(", "),
  ]);
  return `${head}\n\n${table(["STEP", "KIND", "WITH"], steps)}\n\n${table(["WAVE", "DEVICES", "SITES"], waves)}`;
}
