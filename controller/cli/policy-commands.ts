/** `policy`: what may be done on devices at all. Drafted, signed by policy holders one after another, then published. */
import { Command } from "commander";
import { z } from "zod";
import { PAYLOAD_TYPES } from "../../protocol/dsse.ts";
import { Policy } from "../../protocol/policy.ts";
import { policyWords } from "../../protocol/trust-words.ts";
import { type Commands, NoOptions, readText } from "./command.ts";
import { readDocument } from "./documents.ts";
import { UsageError } from "./errors.ts";
import { publish, signFile } from "./publishing.ts";
import { newSignedFile } from "./signed-file.ts";
import { rows, show } from "./signing.ts";

/** Version and time of issue are given, not written. */
const Written = z.strictObject({
  sources: Policy.shape.sources,
  limits: Policy.shape.limits,
  standingOrders: Policy.shape.standingOrders,
  ...z.object({ schema: z.unknown(), version: z.unknown(), issuedAt: z.unknown() }).partial().shape,
});

export function policyCommand(commands: Commands): Command {
  return new Command("policy")
    .summary("what may be done on devices at all: looked at, drafted, signed, published")
    .addCommand(showPolicy(commands))
    .addCommand(draft(commands))
    .addCommand(signFile(commands, "policy"))
    .addCommand(publish(commands, "policy"));
}

function showPolicy(commands: Commands): Command {
  return commands.leaf("show", "the policy in force", NoOptions, async ({ client, output }) => {
    const { policy } = await (await client()).trust();
    output.answer(policy, () => rows(policyWords(null, policy)).join("\n"));
    return undefined;
  });
}

function draft(commands: Commands): Command {
  const Options = z.object({ out: z.string().min(1), from: z.string().optional() });
  const summary = "write the next policy into a file, to be signed; without --from it says what the one in force says";
  const command = commands.leaf("draft", summary, Options, async ({ client, options, output, system }) => {
    const { policy, asOf } = await (await client()).trust();
    const { schema, version, issuedAt: _before, ...same } = policy;
    const written =
      options.from === undefined
        ? same
        : read(options.from, readDocument(options.from, await readText(options.from, system)).value);
    // After the highest there is, other holders begin again: devices take that once its signers hold policy no more.
    const nextVersion = Number.isSafeInteger(version + 1) ? version + 1 : 1;
    const next = Policy.parse({ schema, version: nextVersion, issuedAt: asOf, ...written });
    show(policyWords(policy, next), output);
    const file = await newSignedFile(options.out, PAYLOAD_TYPES.policy, next);
    output.answer(file, () => `${options.out} is to be signed: ringback policy sign ${options.out} --key FILE`);
    return undefined;
  });
  return command
    .requiredOption("--out <file>", "the new file; it must not be there yet")
    .option(
      "--from <file>",
      "sources, limits and standingOrders as YAML or JSON; what `policy show --json` prints will do",
    );
}

function read(name: string, value: unknown): Pick<Policy, "sources" | "limits" | "standingOrders"> {
  const parsed = Written.safeParse(value);
  if (parsed.success) {
    const { sources, limits, standingOrders } = parsed.data;
    return { sources, limits, standingOrders };
  }
  throw new UsageError(`${name} is no policy:\n${z.prettifyError(parsed.error)}\nNothing was written.`);
}
