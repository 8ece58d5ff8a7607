/** `evidence`: what a third party checks without the controller. `verify` opens no connection. */
import { Command } from "commander";
import { z } from "zod";
import { Sha256 } from "../../protocol/canonical.ts";
import { EvidenceBundle } from "../../protocol/evidence-bundle.ts";
import { type EvidenceVerdict, verifyEvidence, wordWords } from "../../protocol/evidence-verify.ts";
import { firstFault } from "../../protocol/fault.ts";
import { quote } from "../../protocol/plain-words.ts";
import { verifyRaw } from "../trust/verify-raw.ts";
import { type Commands, readText } from "./command.ts";
import { EXIT, UsageError } from "./errors.ts";
import { clean, moment } from "./output.ts";

/** On a screen; `--json` has all of them. */
const NAMED_MAX = 20;

export function evidenceCommand(commands: Commands): Command {
  return new Command("evidence")
    .summary("prove what was decided and done, to somebody who trusts no controller")
    .addCommand(verify(commands));
}

function verify(commands: Commands): Command {
  const Options = z.object({ trustRoot: Sha256 });
  const summary = "check a bundle offline, from the pinned trust document to the last receipt";
  const command = commands.leaf("verify <file>", summary, Options, async ({ args, options, output, system }) => {
    const file = args[0] ?? "";
    const parsed = EvidenceBundle.safeParse(parseJson(await readText(file, system)));
    if (!parsed.success) {
      throw new UsageError(
        `${file} is no evidence bundle that this version knows: ${firstFault(parsed.error)}. Nothing in it was checked. Use the command line of the version that exported it, or have it exported again.`,
      );
    }
    const verdict = verifyEvidence(parsed.data, options.trustRoot, verifyRaw);
    output.answer(verdict, () => verdictText(parsed.data, verdict));
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
