/**
 * The keys that the controller makes at its first start, so that it works at once: a root, a policy holder, an approver,
 * and the online key that signs orders and freshness.
 *
 * Whoever reads the data folder holds them, and the console says so plainly until people hold their own. A starter key
 * that was taken away is never made again: the trust document would not know it.
 */
import { randomUUID, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { link, mkdir, open, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { sha256Hex } from "../../protocol/canonical.ts";
import { KeyId, type Signer, toBase64 } from "../../protocol/dsse.ts";
import type { PublicKey } from "../../protocol/public-key.ts";
import type { StarterRole, TrustKeeper } from "../ports/trust.ts";

export interface HeldKey {
  readonly signer: Signer;
  readonly publicKey: PublicKey;
}
/** The roles for which the controller has made a key, as far as the key is still here. */
export interface StarterKeys {
  readonly roots: HeldKey | undefined;
  readonly policyHolders: HeldKey | undefined;
  readonly approvers: HeldKey | undefined;
  readonly online: HeldKey;
}
export const STARTER_FILES = {
  roots: "starter-root.pem",
  policyHolders: "starter-policy.pem",
  approvers: "starter-approver.pem",
} as const satisfies Record<StarterRole, string>;

/**
 * Reads the keys in `folder`. The online key is made if it is not there, the others only at the very first start.
 * @throws if a file is there but holds no P-256 key
 */
export async function loadStarterKeys(folder: string, isFirstStart: boolean): Promise<StarterKeys> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const starter = async (role: keyof typeof STARTER_FILES): Promise<HeldKey | undefined> => {
    const file = join(folder, STARTER_FILES[role]);
    const key = isFirstStart ? await loadOrMake(file) : await readKey(file);
    return key === undefined ? undefined : held(file, key);
  };
  const online = join(folder, "online.pem");
  return {
    roots: await starter("roots"),
    policyHolders: await starter("policyHolders"),
    approvers: await starter("approvers"),
    online: held(online, await loadOrMake(online)),
  };
}

/**
 * Removes the keys whose roles people have taken over: to devices that were offline since, they would still count.
 * @returns the files that are gone
 */
export async function discardUnusedKeys(folder: string, trust: Pick<TrustKeeper, "starter">): Promise<string[]> {
  const gone: string[] = [];
  for (const role of ["roots", "policyHolders", "approvers"] as const) {
    const file = join(folder, STARTER_FILES[role]);
    if (trust.starter(role) !== undefined || (await readKey(file)) === undefined) continue;
    await rm(file);
    gone.push(file);
  }
  if (gone.length > 0) await syncFolder(folder);
  return gone;
}

const loadOrMake = async (file: string): Promise<KeyObject> => (await readKey(file)) ?? (await makeKey(file));

function held(file: string, key: KeyObject): HeldKey {
  if (key.asymmetricKeyDetails?.namedCurve !== "prime256v1")
    throw new Error(`${file} holds no P-256 private key; put it back from a backup`);
  const spki = createPublicKey(key).export({ type: "spki", format: "der" });
  const keyId = KeyId.parse(sha256Hex(spki));
  return {
    publicKey: toBase64(spki),
    signer: { keyId, sign: (bytes) => sign("sha256", bytes, { key, dsaEncoding: "ieee-p1363" }) },
  };
}

async function readKey(file: string): Promise<KeyObject | undefined> {
  try {
    return createPrivateKey(await readFile(file, "utf8"));
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw new Error(`${file} cannot be read as a private key`, { cause: error });
  }
}

/**
 * The file appears whole or not at all, and is on the disk before the key is used: agents will believe nobody else. Of
 * two controllers that start at once, both use the key that was there first.
 */
async function makeKey(file: string): Promise<KeyObject> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const unfinished = `${file}.${randomUUID()}`;
  try {
    await writeSynced(unfinished, privateKey.export({ type: "pkcs8", format: "pem" }));
    await link(unfinished, file).catch((error: unknown) => {
      if (!hasCode(error, "EEXIST")) throw error;
    });
  } finally {
    await rm(unfinished, { force: true });
  }
  await syncFolder(dirname(file));
  const key = await readKey(file);
  if (key === undefined) throw new Error(`${file} was written but is not there`);
  return key;
}

async function writeSynced(file: string, text: string | Buffer): Promise<void> {
  const handle = await open(file, "wx", 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The name of a new file is on the disk only when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code;
