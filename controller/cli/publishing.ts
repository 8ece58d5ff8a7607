/** Signing a drafted document, by a person or by the controller's starter key, and publishing it. */
import type { Command } from "commander";
import { z } from "zod";
import { Envelope, PAYLOAD_TYPES, peek } from "../../protocol/dsse.ts";
import type { WordLine } from "../../protocol/plain-words.ts";
import { Policy } from "../../protocol/policy.ts";
import { TrustDocument } from "../../protocol/trust-document.ts";
import { policyWords, trustWords } from "../../protocol/trust-words.ts";
import type { TrustView } from "../../protocol/api-trust.ts";
import { type Commands, NoOptions } from "./command.ts";
import { UsageError } from "./errors.ts";
import { addSignature, readSignedFile, type SignedFile } from "./signed-file.ts";
import { show, SigningOptions, signShown } from "./signing.ts";

type Kind = "trust" | "policy";

const SignOptions = SigningOptions.extend({ key: z.string().optional(), starter: z.boolean().default(false) });

export function signFile(commands: Commands, kind: Kind): Command {
  const summary = "read what the file changes, in words, and add a signature to it";
  const command = commands.leaf(
    "sign <file>",
    summary,
    SignOptions,
    async ({ args, client, options, output, system }) => {
      const path = args[0] ?? "";
      const file = await readSignedFile(path);
      const api = await client();
      show(wordsOf(kind, file, await api.trust()), output);
      const { key, starter, ...rest } = options;
      if (starter === (key !== undefined))
        throw new UsageError("Say who signs: --key FILE for a person, or --starter for the controller's starter key.");
      const { payload } = file;
      const signature =
        key === undefined
          ? await api.signAsStarter(
              kind === "trust"
                ? { role: "roots", payloadType: PAYLOAD_TYPES.trust, payload }
                : { role: "policyHolders", payloadType: PAYLOAD_TYPES.policy, payload },
            )
          : (await signShown(file, { ...rest, key }, system)).signature;
      const signed = await addSignature(path, file, signature);
      output.answer(
        signed,
        () =>
          `${path} has ${signed.signatures.length} signatures. When there are enough: ringback ${kind} publish ${path}`,
      );
      return undefined;
    },
  );
  return command
    .option("--key <file>", "your key file, as `keys make` wrote it")
    .option("--starter", "have the controller's starter key sign, as long as it counts")
    .option("--passphrase-file <file>", "for scripts: a file whose first line is the passphrase; - for standard input")
    .option("--digest <sha256>", "for scripts: what is signed must have this digest; you are not asked then");
}

export function publish(commands: Commands, kind: Kind): Command {
  const summary = "have the controller tell agents of it; they check the signatures themselves";
  return commands.leaf("publish <file>", summary, NoOptions, async ({ args, client, output }) => {
    const file = Envelope.safeParse(await readSignedFile(args[0] ?? ""));
    if (!file.success) throw new UsageError(`Nobody has signed it yet: ringback ${kind} sign FILE`);
    const api = await client();
    const trust = kind === "trust" ? await api.publishTrust(file.data) : await api.publishPolicy(file.data);
    const version = kind === "trust" ? trust.document.version : trust.policy.version;
    output.answer(trust, () => `Published: ${kind} ${version}. ${trust.sentence}`);
    return undefined;
  });
}

function wordsOf(kind: Kind, file: SignedFile, now: TrustView): WordLine[] {
  return kind === "trust"
    ? trustWords(now.document, peek(file, TrustDocument))
    : policyWords(now.policy, peek(file, Policy));
}
