/** A document on its way from one signer to the next: an envelope in a file, to which each adds a signature. */
import { readFile, rename, writeFile } from "node:fs/promises";
import { z } from "zod";
import { canonicalBytes } from "../../protocol/canonical.ts";
import { Envelope, type PayloadType, toBase64 } from "../../protocol/dsse.ts";
import { UsageError } from "./errors.ts";

const SignedFile = Envelope.extend({ signatures: z.array(Envelope.shape.signatures.element).max(16) });
export type SignedFile = z.infer<typeof SignedFile>;

/** @throws UsageError if there is a file: it may hold signatures. */
export async function newSignedFile(path: string, payloadType: PayloadType, body: unknown): Promise<SignedFile> {
  const file: SignedFile = { payloadType, payload: toBase64(canonicalBytes(body)), signatures: [] };
  try {
    await writeFile(path, text(file), { flag: "wx" });
    return file;
  } catch (cause) {
    throw new UsageError(`${path} cannot be written, or is there already. Nothing was written.`, { cause });
  }
}

/** @throws UsageError */
export async function readSignedFile(path: string): Promise<SignedFile> {
  try {
    return SignedFile.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (cause) {
    throw new UsageError(`${path} is no file that \`draft\` wrote.`, { cause });
  }
}

/** The same key again takes the place of its older signature. */
export async function addSignature(
  path: string,
  file: SignedFile,
  signature: SignedFile["signatures"][number],
): Promise<SignedFile> {
  const others = file.signatures.filter(({ keyid }) => keyid !== signature.keyid);
  const next = SignedFile.parse({ ...file, signatures: [...others, signature] });
  await writeFile(`${path}.new`, text(next));
  await rename(`${path}.new`, path);
  return next;
}

const text = (file: SignedFile): string => `${JSON.stringify(file, null, 2)}\n`;
