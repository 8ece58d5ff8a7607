/**
 * Signing with a person's key file: what is signed is decoded from the very bytes and shown before the passphrase is
 * asked, so that nobody signs what a controller merely says of it.
 */
import { createInterface } from "node:readline/promises";
import { z } from "zod";
import type { Sha256 } from "../../protocol/canonical.ts";
import { type Envelope, fromBase64, pae, payloadDigest, toBase64 } from "../../protocol/dsse.ts";
import { rowsOf, type WordLine } from "../../protocol/plain-words.ts";
import type { System } from "./command.ts";
import { UsageError } from "./errors.ts";
import { type OpenedKey, openKeyFile } from "./key-file.ts";
import type { Output } from "./output.ts";
import { isTerminal, passphraseFor } from "./passphrase.ts";

export const SigningOptions = z.object({
  key: z.string().min(1),
  passphraseFile: z.string().optional(),
  digest: z.string().optional(),
});
export type SigningOptions = z.output<typeof SigningOptions>;

export type Unsigned = Pick<Envelope, "payloadType" | "payload">;
export const digestOfUnsigned = (unsigned: Unsigned): Sha256 => payloadDigest({ ...unsigned, signatures: [] });

const COLUMNS = 100;

export const rows = (lines: readonly WordLine[]): string[] => rowsOf(lines, COLUMNS);

/** On stderr, so that the answer on stdout stays a document. */
export function show(lines: readonly WordLine[], output: Output): void {
  for (const row of rows(lines)) output.note(row);
}

/**
 * Asks whether it is this that the person wants to sign, then for the passphrase, and signs.
 * @throws UsageError if the person does not, or if a script did not name the digest of what it signs
 */
export async function signShown(
  unsigned: Unsigned,
  { key, passphraseFile, digest }: SigningOptions,
  system: System,
): Promise<{ readonly signature: Envelope["signatures"][number]; readonly signer: OpenedKey }> {
  await mustBeMeant(digestOfUnsigned(unsigned), digest, system);
  const signer = await openKeyFile(key, await passphraseFor(key, passphraseFile, system));
  const sig = signer.sign(pae(unsigned.payloadType, fromBase64(unsigned.payload)));
  return { signature: { keyid: signer.keyId, sig: toBase64(sig) }, signer };
}

async function mustBeMeant(digest: Sha256, given: string | undefined, system: System): Promise<void> {
  if (given !== undefined) {
    if (given === digest) return;
    throw new UsageError(`What is to be signed has the digest ${digest}, not ${given}. Nothing was signed.`);
  }
  if (!isTerminal(system))
    throw new UsageError(
      `Nobody is here to be asked. A script names what it signs: --digest ${digest}, after a person has read it.`,
    );
  const line = createInterface({ input: system.stdin, output: system.stderr });
  try {
    const answer = await line.question('\nType "sign" if this is what you want to sign, anything else to leave it: ');
    if (answer.trim() !== "sign") throw new UsageError("Nothing was signed.");
  } finally {
    line.close();
  }
}
