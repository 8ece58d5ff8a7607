/**
 * The people of a drill and their keys: two hold the root, one holds policy, two approve. No key of theirs is ever on the
 * controller; each lies in a file of its own that a passphrase protects, or behind a passkey.
 */
import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type KeyFileCost, type KeyFileKind, makeKeyFile, openKeyFile } from "../../controller/cli/key-file.ts";
import type { PlanView } from "../../protocol/api.ts";
import type { SignatureRequest } from "../../protocol/api-trust.ts";
import { fromBase64, open, PAYLOAD_TYPES, pae, toBase64 } from "../../protocol/dsse.ts";
import { PlanStatement } from "../../protocol/plan.ts";
import { spoken } from "../../protocol/spoken.ts";
import { planWords } from "../../protocol/statement-words.ts";
import type { Holder } from "../../protocol/trust-document.ts";
import type { z } from "zod";
import type { Person } from "./hand-over.ts";

/** What an approver saw before signing, and how it was signed. */
export interface Approved {
  readonly person: string;
  readonly name: string;
  readonly with: "key file" | "passkey" | "nothing: it is forged";
  /** Of what is signed, as it is read out over the phone. */
  readonly digest: string;
  readonly saw: readonly string[];
}

export interface KeyFileOwner extends Person {
  readonly file: string;
}

/** The least that a key file may cost: a drill makes five of them. */
const COST: KeyFileCost = { name: "argon2id", memoryKib: 19_456, passes: 1, parallelism: 1 };

/** Makes a key file as `ringback keys make` does, and opens it with its passphrase. */
export async function keyFileOwner(
  folder: string,
  person: string,
  name: string,
  kind: KeyFileKind,
): Promise<KeyFileOwner> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${person}.key`);
  const passphrase = randomBytes(24).toString("base64");
  const holder = await makeKeyFile(file, { person, name, kind }, passphrase, COST);
  return { file, holder, signer: await openKeyFile(file, passphrase) };
}

interface Signed {
  readonly request: z.infer<typeof SignatureRequest>;
  readonly approved: Approved;
}

/** Reads the very bytes that are to be signed, and signs them. @throws if they say something else than was asked for */
export function approveWithKeyFile(
  { id, signed }: Pick<PlanView, "id" | "signed">,
  { holder, signer }: Person,
): Signed {
  if (signed === null) throw new Error(`plan ${id} has no text to sign`);
  const unsigned = { ...signed, signatures: [{ keyid: signer.keyId, sig: "" }] };
  const opened = open(unsigned, PAYLOAD_TYPES.statement, PlanStatement, () => true);
  if (opened.kind === "refused") throw new Error(`the text of plan ${id} cannot be read: ${opened.because}`);
  if (opened.body.planId !== id) throw new Error(`the text that came for plan ${id} is of another plan`);
  const sig = toBase64(signer.sign(pae(signed.payloadType, fromBase64(signed.payload))));
  return {
    request: { statementDigest: opened.digest, keyId: signer.keyId, sig },
    approved: {
      ...whoIs(holder),
      with: "key file",
      digest: spoken(opened.digest),
      saw: planWords(opened.body).map(({ text }) => text),
    },
  };
}

/** A signature that nobody made, under somebody's name. */
export const forgeApproval = ({ request, approved }: Signed, { holder, signer }: Person): Signed => ({
  request: { ...request, keyId: signer.keyId, sig: randomBytes(64).toString("base64") },
  approved: { ...approved, ...whoIs(holder), with: "nothing: it is forged", saw: [] },
});

export const whoIs = ({ person, name }: Holder): Pick<Approved, "person" | "name"> => ({ person, name });
