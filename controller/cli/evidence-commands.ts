/** `evidence`: what a third party checks without the controller. `verify` opens no connection. */
import { Command } from "commander";
import { z } from "zod";
import { Sha256 } from "../../protocol/canonical.ts";
import { EvidenceBundle } from "../../protocol/evidence-bundle.ts";
import { type EvidenceVerdict, verifyEvidence, wordWords } from "../../protocol/evidence-verify.ts";
import { firstFault } from "../../protocol/fault.ts";
import { RolloutId } from "../../protocol/ids.ts";
import { quote } from "../../protocol/plain-words.ts";
import { verifyRaw } from "../trust/verify-raw.ts";
import { type Commands, parsed, readText } from "./command.ts";
import { EXIT, UnexpectedAnswer, UsageError } from "./errors.ts";
import { clean, moment } from "./output.ts";
import { writeWhole } from "./whole-file.ts";

/** On a screen; `--json` has all of them. */
const NAMED_MAX = 20;

export function evidenceCommand(commands: Commands): Command {
  return new Command("evidence")
    .summary("prove what was decided and done, to somebody who trusts no controller")
    .addCommand(exported(commands))
    .addCommand(verify(commands));
}

function exported(commands: Commands): Command {
  const summary = "write everything about a rollout that others signed into one file";
  const Options = z.object({ out: z.string().min(1) });
  const command = commands.leaf("export <rollout>", summary, Options, async ({ args, options, client, output }) => {
    const id = parsed(RolloutId, args[0], "a rollout");
    const json = await (await client()).rolloutEvidence(id);
    const bundle = EvidenceBundle.safeParse(parseJson(json));
    if (!bundle.success) {
      throw new UnexpectedAnswer(
        `What came is no evidence bundle that this version knows: ${firstFault(bundle.error)}. Nothing was written. Use the command line that came with the controller.`,
      );
    }
    await writeWhole(options.out, json);
    const { devices } = bundle.data.body;
    output.answer({ file: options.out, rollout: id, devices: devices.length }, () =>
      [
        `${options.out} holds the evidence of rollout ${id}: ${devices.length} devices.`,
        "It is checked offline: ringback evidence verify FILE --trust-root TRUST_ROOT_SHA256",
        "Have TRUST_ROOT_SHA256 from the installer of the devices, not from this controller.",
      ].join("\n"),
    );
    return undefined;
  });
  return command.requiredOption("--out <file>", "the new file; it must not be there yet");
}

function verify(commands: Commands): Command {
  const Options = z.object({ trustRoot: Sha256 });
  const summary = "check a bundle offline, from the pinned trust document to the last receipt";
  const command = commands.leaf("verify <file>", summary, Options, async ({ args, options, output, system }) => {
    const file = args[0] ?? "";
    const read = EvidenceBundle.safeParse(parseJson(await readText(file, system)));
    if (!read.success) {
      throw new UsageError(
        `${file} is no evidence bundle that this version knows: ${firstFault(read.error)}. Nothing in it was checked. Use the command line of the version that exported it, or have it exported again.`,
      );
    }
    const verdict = verifyEvidence(read.data, options.trustRoot, verifyRaw);
    output.answer(verdict, () => verdictText(read.data, verdict));
    return verdict.holds ? EXIT.ok : EXIT.error;
  });
  return command.requiredOption(
    "--trust-root <sha256>",
    "the digest that devices were installed with (TRUST_ROOT_SHA256); have it from somewhere else than the bundle",
  );
}

function verdictText({ body }: EvidenceBundle, { holds, checks, devices }: EvidenceVerdict): string {
  const counts = new Map<string, number>();
  for (const { word } of devices) counts.set(word, (counts.get(word) ?? 0) + 1);
  const wordless = devices.filter(({ word }) => word === "no-order" || word === "unfinished");
  const older = devices.filter(({ isOlder }) => isOlder).length;
  return [
    `${holds ? "HOLDS" : "DOES NOT HOLD"}: rollout ${body.rolloutId}, plan ${quote(body.plan.title)}`,
    `Exported ${moment(body.exportedAt)} by ${quote(body.exportedBy)}`,
    "",
    ...checks.flatMap(({ name, holds: isGood, proves, doesNotProve, faults }) => [
      isGood ? `✔ ${name}: ${proves}` : `✖ ${name}: NOT PROVED that ${proves}`,
      ...listed(faults).map((fault) => `    ${fault}`),
      `    not proved by this: ${doesNotProve}`,
    ]),
    "",
    `Devices: ${body.devices.length}; ${[...counts].map(([word, count]) => `${count} ${word}`).join(", ")}`,
    ...(older === 0 ? [] : [`  ${older} with an older agent, which signs no receipts of single steps`]),
    ...listed(
      wordless.map(({ deviceId, status, word }) => `${deviceId} signed ${wordWords(word)}; counts as ${status}`),
    ).map((line) => `  ${line}`),
  ].join("\n");
}

const listed = (lines: readonly string[]): string[] =>
  lines.length <= NAMED_MAX
    ? lines.map(clean)
    : [...lines.slice(0, NAMED_MAX).map(clean), `and ${lines.length - NAMED_MAX} more; all of them with --json`];

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}
