/** `keys`: a person's own key, made and kept where that person is, never on the controller. */
import { Command } from "commander";
import { z } from "zod";
import { Slug, text } from "../../protocol/names.ts";
import { spoken } from "../../protocol/spoken.ts";
import type { Holder } from "../../protocol/trust-document.ts";
import { type Commands, NoOptions } from "./command.ts";
import { changePassphrase, KeyFileKind, makeKeyFile, readHolder } from "./key-file.ts";
import type { Output } from "./output.ts";
import { newPassphrase, passphraseFor } from "./passphrase.ts";

export function keysCommand(commands: Commands): Command {
  return new Command("keys")
    .summary("your own key for approving, kept in a file that a passphrase protects")
    .addCommand(make(commands))
    .addCommand(show(commands))
    .addCommand(passphrase(commands));
}

function make(commands: Commands): Command {
  const Options = z.object({
    person: Slug,
    name: text(100),
    kind: KeyFileKind.default("p256"),
    out: z.string().min(1),
    passphraseFile: z.string().optional(),
  });
  const summary = "make a key; its public part is printed";
  const command = commands.leaf("make", summary, Options, async ({ options, output, system }) => {
    const secret = await newPassphrase(options.passphraseFile, system);
    const holder = await makeKeyFile(options.out, options, secret);
    output.note(
      `The key is in ${options.out}. Keep a copy of it and remember the passphrase: nobody can replace them.`,
    );
    tell(holder, output);
    return undefined;
  });
  return command
    .requiredOption("--person <slug>", "who you are in the trust document, as ada-byron")
    .requiredOption("--name <name>", "your name as people know it")
    .option("--kind <kind>", "p256 or ed25519", "p256")
    .requiredOption("--out <file>", "the new file; it must not be there yet")
    .option("--passphrase-file <file>", "for scripts: a file whose first line is the passphrase; - for standard input");
}

function show(commands: Commands): Command {
  const summary = "the public part of a key, to give to whoever keeps the trust document";
  return commands.leaf("show <file>", summary, NoOptions, async ({ args, output }) => {
    tell(await readHolder(args[0] ?? ""), output);
    return undefined;
  });
}

function passphrase(commands: Commands): Command {
  const Options = z.object({ passphraseFile: z.string().optional(), newPassphraseFile: z.string().optional() });
  const summary = "change the passphrase of a key; the key stays the same";
  const command = commands.leaf("passphrase <file>", summary, Options, async ({ args, options, output, system }) => {
    const file = args[0] ?? "";
    await readHolder(file); // nobody types a passphrase for a file that is none
    const old = await passphraseFor(file, options.passphraseFile, system);
    const holder = await changePassphrase(file, old, await newPassphrase(options.newPassphraseFile, system));
    output.note("The passphrase is changed. Copies of the file still open with the old one: replace or destroy them.");
    tell(holder, output);
    return undefined;
  });
  return command
    .option("--passphrase-file <file>", "for scripts: a file whose first line is the passphrase of now")
    .option("--new-passphrase-file <file>", "for scripts: a file whose first line is the new one");
}

/** The record alone on stdout, so that it can be put into a file. */
function tell(holder: Holder, output: Output): void {
  output.answer(holder, () => JSON.stringify(holder, null, 2));
  for (const { keyId } of holder.keys) output.note(`To read over the phone: ${spoken(keyId)}`);
}
