/** `stop-everything`, `emergency`, `holds` and `refusals`: the few things that happen outside a plan. */
import { Command } from "commander";
import { z } from "zod";
import { type EmergencyView, type HoldView, RefusalQuery } from "../../protocol/api-emergency.ts";
import { Sha256 } from "../../protocol/canonical.ts";
import { ContentSourceId } from "../../protocol/content.ts";
import { peek } from "../../protocol/dsse.ts";
import { HoldStatement, ResumeStatement } from "../../protocol/emergency.ts";
import { HoldId, StopId } from "../../protocol/ids.ts";
import { holdWords, resumeWords } from "../../protocol/statement-words.ts";
import { type Commands, NoOptions, parsed } from "./command.ts";
import { UsageError } from "./errors.ts";
import { facts, moment, table } from "./output.ts";
import { digestNamed, signWord, WordOptions, wordSigning } from "./word-approval.ts";

const Because = z.object({ because: z.string() });

export function stopEverythingCommand(commands: Commands): Command {
  const summary = "halt every rollout and have every device finish to a safe point; one person is enough";
  return commands
    .leaf(
      "stop-everything",
      summary,
      Because.extend({ stop: StopId.optional() }),
      async ({ client, options, output }) => {
        const view = await (await client()).stopEverything(options.because, options.stop);
        output.answer(view, () => emergencyText(view));
        return undefined;
      },
    )
    .requiredOption("--because <text>", "the reason, told to everybody")
    .option("--stop <stop>", "one that devices name and this controller does not know, so that it can be ended");
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
    "read what ends the stop, in words, and sign that everything may go on",
    WordOptions.extend({ stop: StopId.optional() }),
    async ({ client, options, output, system }) => {
      const api = await client();
      const { key } = options;
      const view =
        key === undefined
          ? await api.approveResume(Sha256.parse(digestNamed(options)))
          : await api.addResumeApproval(
              await signResume(await api.emergency(), { ...options, key }, { api, output, system }),
            );
      output.answer(view, () => emergencyText(view));
      return undefined;
    },
  );
  wordSigning(approve).option("--stop <stop>", "which one, if several are in force");
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

async function signResume(
  { inForce, ended }: EmergencyView,
  { stop: wanted, ...options }: WordOptions & { readonly key: string; readonly stop?: StopId | undefined },
  at: Parameters<typeof signWord>[3],
) {
  // Devices that were away may still be stopped by one that has ended: its word can be renewed and signed anew.
  const known = [...inForce, ...ended].find(({ stop: { stopId } }) => wanted === undefined || stopId === wanted);
  if (known === undefined) throw new UsageError("Nothing of this is stopped, so there is nothing to sign.");
  const { stop, word } = known;
  if (word === null)
    throw new UsageError("The database has not taken the stop yet, so there is nothing to sign. Try again in a while.");
  const statement = peek({ ...word.signed, signatures: [] }, ResumeStatement);
  if (statement.stopId !== stop.stopId)
    throw new UsageError(
      `The controller sent the word that ends another stop, ${statement.stopId}. Nothing was signed.`,
    );
  return signWord(word.signed, resumeWords(statement), options, at);
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
          `\nNothing is held before it is approved: ringback holds approve ${hold.id} --key FILE, or with --digest ${hold.statementDigest} by the starter key`,
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
    "read what a hold does, in words, and sign it",
    WordOptions,
    async ({ args, client, options, output, system }) => {
      const api = await client();
      const id = holdOf(args[0]);
      const { key } = options;
      const hold =
        key === undefined
          ? await api.approveHold(id, Sha256.parse(digestNamed(options)))
          : await api.addHoldApproval(id, await signHold(id, { ...options, key }, { api, output, system }));
      output.answer(hold, () => holdText(hold));
      return undefined;
    },
  );
  wordSigning(approve);
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

async function signHold(
  id: HoldId,
  options: WordOptions & { readonly key: string },
  at: Parameters<typeof signWord>[3],
) {
  const hold = (await at.api.holds()).items.find((item) => item.id === id);
  if (hold === undefined) throw new UsageError(`There is no hold ${id}, or it is long over. Nothing was signed.`);
  const statement = peek({ ...hold.signed, signatures: [] }, HoldStatement);
  if (statement.holdId !== id)
    throw new UsageError(`The controller sent another hold, ${statement.holdId}. Nothing was signed.`);
  return signWord(hold.signed, holdWords(statement), options, at);
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
