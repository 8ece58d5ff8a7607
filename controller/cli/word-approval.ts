/**
 * An approver's signature under what is no plan: the word that ends an emergency stop, and a hold. Read in words from
 * the very bytes, as a plan is, and signed with his own key.
 */
import type { Command } from "commander";
import { z } from "zod";
import type { Sha256 } from "../../protocol/canonical.ts";
import type { KeyId } from "../../protocol/dsse.ts";
import type { WordLine } from "../../protocol/plain-words.ts";
import type { ApiClient } from "./client.ts";
import type { System } from "./command.ts";
import { UsageError } from "./errors.ts";
import { mayApprove } from "./may-approve.ts";
import type { Output } from "./output.ts";
import { digestOfUnsigned, show, SigningOptions, signShown, type Unsigned } from "./signing.ts";

/** With a key a person signs; without one the controller's starter key does, of which the digest must be named. */
export const WordOptions = SigningOptions.extend({ key: z.string().min(1).optional() });
export type WordOptions = z.output<typeof WordOptions>;

interface Signature {
  readonly statementDigest: Sha256;
  readonly keyId: KeyId;
  readonly sig: string;
}

/** @throws UsageError, and nothing was signed */
export async function signWord(
  signed: Unsigned,
  words: readonly WordLine[],
  options: WordOptions & { readonly key: string },
  { api, output, system }: { readonly api: ApiClient; readonly output: Output; readonly system: System },
): Promise<Signature> {
  show(words, output);
  await mayApprove(options.key, await api.trust());
  const { signature } = await signShown(signed, options, system);
  return { statementDigest: digestOfUnsigned(signed), keyId: signature.keyid, sig: signature.sig };
}

/** What the starter key is to sign. @throws UsageError if it was not named */
export function digestNamed({ digest }: WordOptions): string {
  if (digest !== undefined) return digest;
  throw new UsageError(
    "Say who signs: --key FILE for an approver, or --digest for the controller's starter key, as long as it counts.",
  );
}

export const wordSigning = (command: Command): Command =>
  command
    .option("--key <file>", "your key file, as `keys make` wrote it; without it the controller's starter key signs")
    .option("--passphrase-file <file>", "for scripts: a file whose first line is the passphrase; - for standard input")
    .option("--digest <sha256>", "what is signed, as it was shown: for the starter key, and for scripts");
