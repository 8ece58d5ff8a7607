/** `stop-everything`, `emergency`, `holds` and `refusals`: the few things that happen outside a plan. */
import { Command } from "commander";
import { z } from "zod";
import { type EmergencyView, type HoldView, RefusalQuery } from "../../protocol/api-emergency.ts";
import { Sha256 } from "../../protocol/canonical.ts";
import { ContentSourceId } from "../../protocol/content.ts";
import { HoldId } from "../../protocol/ids.ts";
import { type Commands, NoOptions, parsed } from "./command.ts";
import { facts, moment, table } from "./output.ts";

const Because = z.object({ because: z.string() });
const Digest = z.object({ digest: Sha256 });
const DIGEST = "as it was shown: you cannot approve what you did not see";

export function stopEverythingCommand(commands: Commands): Command {
  const summary = "halt every rollout and have every device finish to a safe point; one person is enough";
  return commands
    .leaf("stop-everything", summary, Because, async ({ client, options, output }) => {
      const view = await (await client()).stopEverything(options.because);
      output.answer(view, () => emergencyText(view));
      return undefined;
    })
    .requiredOption("--because <text>", "the reason, told to everybody");
}

export function emergencyCommand(commands: Commands): Command {
  const show = commands.leaf(
    "show",
    "what is stopped, and who may let it go on",
    NoOptions,
    async ({ client, output }) => {
      const view = await (await client()).emergency();
      output.answer(view, () => emergencyText(view));
      return undefined;
    },
  );
  const approve = commands.leaf(
    "approve",
    "let everything go on by the controller's starter key, as long as it counts",
    Digest,
    async ({ client, options, output }) => {
      const view = await (await client()).approveResume(options.digest);
      output.answer(view, () => emergencyText(view));
      return undefined;
    },
  );
  approve.requiredOption("--digest <sha256>", DIGEST);
  const renew = commands.leaf(
    "renew",
    "make another statement to sign, when the one before has expired",
    NoOptions,
    async ({ client, output }) => {
      const view = await (await client()).renewResume();
      output.answer(view, () => emergencyText(view));
      return undefined;
    },
  );
  return new Command("emergency")
    .summary("the emergency stop, and letting everything go on")
    .addCommand(show)
    .addCommand(approve)
    .addCommand(renew);
}

function emergencyText({ inForce, ended, sentence }: EmergencyView): string {
  const all = [...inForce, ...ended];
  if (all.length === 0) return sentence;
  const rows = all.map(({ stop, word, resumedAt }) => [
    stop.stopId,
    moment(stop.at),
    stop.by,
    resumedAt === null ? "in force" : `ended ${moment(resumedAt)}`,
    word === null ? "not stored yet" : `${word.approvals.length} of ${word.approvalsNeeded}`,
    word?.statementDigest ?? "",
  ]);
  return `${sentence}\n\n${table(["STOP", "AT", "BY", "STANDING", "SIGNED", "DIGEST TO SIGN"], rows)}`;
}

const MakeOptions = Because.extend({ source: ContentSourceId, hours: z.coerce.number() });

export function holdsCommand(commands: Commands): Command {
  const list = commands.leaf("list", "holds, newest first", NoOptions, async ({ client, output }) => {
    const holds = await (await client()).holds();
    output.answer(holds, () =>
      table(
        ["HOLD", "SOURCE", "UNTIL", "STANDING", "SIGNED", "BECAUSE"],
        holds.items.map(({ id, statement, standing, approvals, approvalsNeeded, because }) => [
          id,
          statement.source,
          moment(statement.until),
          standing,
          `${approvals.length} of ${approvalsNeeded}`,
          because,
        ]),
      ),
    );
    return undefined;
  });
  const make = commands.leaf(
    "make",
    "ask for a hold of a source: it gets no updates for so long",
    MakeOptions,
    async ({ client, options: { source, hours, because }, output }) => {
      const hold = await (await client()).makeHold({ source, hours, because });
      output.answer(hold, () => holdText(hold));
      if (!output.json)
        output.note(
          `\nNothing is held before it is approved: ringback holds approve ${hold.id} --digest ${hold.statementDigest}`,
        );
      return undefined;
    },
  );
  make
    .requiredOption("--source <source>", "the content source")
    .requiredOption("--hours <hours>", "up to 4 by one approver, where the policy lets one person; more by several")
    .requiredOption("--because <text>", "the reason, kept with the hold");
  const approve = commands.leaf(
    "approve <hold>",
    "approve a hold by the controller's starter key, as long as it counts",
    Digest,
    async ({ args, client, options, output }) => {
      const hold = await (await client()).approveHold(holdOf(args[0]), options.digest);
      output.answer(hold, () => holdText(hold));
      return undefined;
    },
  );
  approve.requiredOption("--digest <sha256>", DIGEST);
  const release = commands.leaf(
    "release <hold>",
    "give the source back before its time; this needs no signature",
    NoOptions,
    async ({ args, client, output }) => {
      const hold = await (await client()).releaseHold(holdOf(args[0]));
      output.answer(hold, () => holdText(hold));
      return undefined;
    },
  );
  return new Command("holds")
    .summary("sources that get no updates for some hours")
    .addCommand(list)
    .addCommand(make)
    .addCommand(approve)
    .addCommand(release);
}

const holdOf = (text: string | undefined): HoldId => parsed(HoldId, text, "a hold");

const holdText = (hold: HoldView): string =>
  facts([
    ["Hold", hold.id],
    ["Source", hold.statement.source],
    ["Until", moment(hold.statement.until)],
    ["Standing", hold.standing],
    ["Because", hold.because],
    ["Made", `${moment(hold.madeAt)} by ${hold.madeBy}`],
    ["Signed", `${hold.approvals.length} of ${hold.approvalsNeeded}`],
    ["Digest", hold.statementDigest],
  ]);

export function refusalsCommand(commands: Commands): Command {
  const Options = z.object(RefusalQuery.shape);
  return commands
    .leaf(
      "refusals",
      "what devices would not do or believe, and what to do about it",
      Options,
      async ({ client, options, output }) => {
        const page = await (await client()).refusals(options);
        output.answer(page, () =>
          page.items
            .map(({ at, device, name, what, order, rule, because, advice }) =>
              [
                `${moment(at)}  ${name ?? device}: ${what}${order === null ? "" : ` ${order}`}, ${rule}`,
                `  ${because}`,
                `  What to do: ${advice}`,
              ].join("\n"),
            )
            .join("\n\n"),
        );
        if (page.items.length === 0 && !output.json) output.note("No device has refused anything.");
        if (page.next !== null && !output.json) output.note(`There are more: add --cursor ${page.next}`);
        return undefined;
      },
    )
    .option("--limit <count>", "at most so many, 1 to 200", "50")
    .option("--cursor <cursor>", "go on where the page before ended");
}
