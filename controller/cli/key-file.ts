/**
 * A person's key in a file: the private half is sealed with a passphrase, so that the file alone signs nothing.
 *
 * Argon2id (RFC 9106) makes the key of AES-256-GCM; everything else in the file is authenticated with it, so that nobody
 * puts another name to a key. No message says anything of what is secret.
 */
import {
  argon2Sync,
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from "node:crypto";
import { link, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { canonicalBytes } from "../../protocol/canonical.ts";
import { KeyId, type Signer } from "../../protocol/dsse.ts";
import { Slug, text } from "../../protocol/names.ts";
import { type Holder, SignerPublicKey, type TrustedKey } from "../../protocol/trust-document.ts";
import { UsageError } from "./errors.ts";

export const KeyFileKind = z.enum(["p256", "ed25519"]);
export type KeyFileKind = z.infer<typeof KeyFileKind>;

/** The bounds keep a file of someone else from asking for all memory, or for a cost that protects nothing. */
const Kdf = z.strictObject({
  name: z.literal("argon2id"),
  memoryKib: z.int().min(19_456).max(262_144), // OWASP's least
  passes: z.int().min(1).max(10),
  parallelism: z.int().min(1).max(4),
});
export type KeyFileCost = z.infer<typeof Kdf>;
/** 256 MiB and some 0.8 s on one core of 2026: as much as a small server has to spare, once for each signature. */
const COST: KeyFileCost = { name: "argon2id", memoryKib: 262_144, passes: 3, parallelism: 1 };

const KeyFile = z.strictObject({
  schema: z.literal("ringback.key-file/1"),
  person: Slug,
  name: text(100),
  kind: KeyFileKind,
  publicKey: SignerPublicKey,
  kdf: Kdf,
  salt: z.base64().length(24), // 16 bytes
  nonce: z.base64().length(16), // 12 bytes
  /** PKCS #8 in DER, sealed, and the tag of 16 bytes. */
  ciphertext: z.base64().max(1_000),
});
type KeyFile = z.infer<typeof KeyFile>;

/** Whose key it is. Anybody may read it: it is what goes into a trust document. */
export interface KeyOwner {
  readonly person: string;
  readonly name: string;
  readonly kind: KeyFileKind;
}
export interface OpenedKey extends Signer, KeyOwner {
  readonly publicKey: string;
}

/** Makes a key and its file, which only its owner may read. @throws UsageError if there is a file: it is left as it is. */
export async function makeKeyFile(
  path: string,
  owner: KeyOwner,
  passphrase: string,
  cost: KeyFileCost = COST,
): Promise<Holder> {
  const { privateKey } =
    owner.kind === "p256" ? generateKeyPairSync("ec", { namedCurve: "P-256" }) : generateKeyPairSync("ed25519");
  const file = sealed(owner, privateKey, passphrase, cost);
  await put(path, file, link);
  return holderIn(file);
}

/** The public part. @throws UsageError */
export const readHolder = async (path: string): Promise<Holder> => holderIn(await read(path));

/** @throws UsageError for a wrong passphrase or a file that was damaged */
export async function openKeyFile(path: string, passphrase: string): Promise<OpenedKey> {
  const file = await read(path);
  const key = unsealed(path, file, passphrase);
  const { person, name, kind, publicKey } = file;
  const digest = kind === "p256" ? "sha256" : null;
  return {
    person,
    name,
    kind,
    publicKey,
    keyId: keyIdOf(publicKey),
    sign: (bytes) => new Uint8Array(sign(digest, bytes, { key, dsaEncoding: "ieee-p1363" })),
  };
}

/** The same key under another passphrase. The old file is there until the new one is whole. @throws UsageError */
export async function changePassphrase(path: string, old: string, fresh: string): Promise<Holder> {
  const file = await read(path);
  await put(path, sealed(file, unsealed(path, file, old), fresh, COST), rename);
  return holderIn(file);
}

function holderIn({ person, name, kind, publicKey }: KeyFile): Holder {
  const key: TrustedKey = { keyId: keyIdOf(publicKey), kind, publicKey, starter: false };
  return { person, name, keys: [key] };
}

const keyIdOf = (publicKey: string): KeyId =>
  KeyId.parse(createHash("sha256").update(Buffer.from(publicKey, "base64")).digest("hex"));
const publicHalf = (key: KeyObject): string =>
  createPublicKey(key).export({ type: "spki", format: "der" }).toString("base64");

function sealed(owner: KeyOwner, key: KeyObject, passphrase: string, cost: KeyFileCost): KeyFile {
  const { person, name, kind } = owner;
  const salt = randomBytes(16);
  const nonce = randomBytes(12);
  const head = {
    schema: "ringback.key-file/1",
    person: Slug.parse(person),
    name,
    kind,
    publicKey: publicHalf(key),
    kdf: cost,
    salt: salt.toString("base64"),
    nonce: nonce.toString("base64"),
  } as const;
  const cipher = createCipheriv("aes-256-gcm", derive(passphrase, salt, cost), nonce).setAAD(canonicalBytes(head));
  const secret = key.export({ type: "pkcs8", format: "der" });
  const ciphertext = Buffer.concat([cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
  secret.fill(0);
  return { ...head, ciphertext: ciphertext.toString("base64") };
}

function unsealed(path: string, { ciphertext, ...head }: KeyFile, passphrase: string): KeyObject {
  const sealedBytes = Buffer.from(ciphertext, "base64");
  const key = derive(passphrase, Buffer.from(head.salt, "base64"), head.kdf);
  let opened: KeyObject | undefined;
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(head.nonce, "base64"), { authTagLength: 16 })
      .setAAD(canonicalBytes(head))
      .setAuthTag(sealedBytes.subarray(-16));
    const secret = Buffer.concat([decipher.update(sealedBytes.subarray(0, -16)), decipher.final()]);
    opened = createPrivateKey({ key: secret, format: "der", type: "pkcs8" });
    secret.fill(0);
  } catch {
    opened = undefined; // the cause is left out on purpose: it may quote bytes
  }
  if (opened !== undefined && publicHalf(opened) === head.publicKey) return opened;
  throw new UsageError(
    `${path} does not open with this passphrase, or the file was changed since it was made. Nothing was signed. Try the passphrase again; if it is the right one, put the file back from a copy.`,
  );
}

/** NIST SP 800-63B: the same passphrase typed on another keyboard is the same one. */
const derive = (passphrase: string, nonce: Buffer, { memoryKib, passes, parallelism }: KeyFileCost): Buffer =>
  argon2Sync("argon2id", {
    message: passphrase.normalize("NFKC"),
    nonce,
    parallelism,
    tagLength: 32,
    memory: memoryKib,
    passes,
  });

async function read(path: string): Promise<KeyFile> {
  const json = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new UsageError(`The key file ${path} cannot be read. Check its name and its permissions.`, { cause });
  });
  const parsed = KeyFile.safeParse(parseJson(json));
  if (parsed.success) return parsed.data;
  throw new UsageError(
    `${path} is no key file of Ringback, or it is damaged. Put it back from a copy, or make a new key with \`ringback keys make\` and have it put into the trust document.`,
  );
}

/** The file appears whole or not at all, and is on the disk before anybody is told of the key. */
async function put(path: string, file: KeyFile, intoPlace: (from: string, to: string) => Promise<void>): Promise<void> {
  const fresh = `${path}.${randomBytes(6).toString("hex")}.new`;
  try {
    const handle = await open(fresh, "wx", 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(file, null, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await intoPlace(fresh, path);
  } catch (cause) {
    const isThere = cause instanceof Error && "code" in cause && cause.code === "EEXIST";
    const why = isThere
      ? `${path} is there already, and a key is never written over. Choose another name.`
      : `${path} cannot be written. Check that its folder is there and may be written to.`;
    throw new UsageError(why, { cause });
  } finally {
    await rm(fresh, { force: true });
  }
  if (process.platform !== "win32") await syncFolder(dirname(path));
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}
