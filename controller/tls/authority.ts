/**
 * The controller's own certificate authority, made at its first start: agents and browsers that pin it believe no other.
 *
 * Its key never leaves the data folder, where its owner alone can read it. Server certificates are made in memory, short
 * of life, with a new key each time: there is no other secret on the disk.
 */
import "reflect-metadata";
import { randomBytes, webcrypto, X509Certificate as NodeCertificate } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";
import { type Sha256, sha256Hex } from "../../protocol/canonical.ts";
import type { Instant } from "../../protocol/time.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY_MS = 86_400_000;
/** The authority outlives every pin that is given out with it; a new one is a new pin on every device. */
const AUTHORITY_DAYS = 3_650;
/** Peers' clocks are wrong by minutes, and a machine that was off for a year by a battery by more: an hour is fair. */
const BACKDATED_MS = 3_600_000;

const { subtle } = webcrypto;

interface ServerCertificate {
  /** PEM: the certificate, then its authority's, so that a peer finds what it pinned. */
  readonly cert: string;
  readonly key: string;
  readonly notBefore: Instant;
  readonly notAfter: Instant;
}

export interface Authority {
  /** PEM. */
  readonly certificate: string;
  /** SHA-256 of the certificate in DER: what agents pin. */
  readonly sha256: Sha256;
  readonly notAfter: Instant;
  /** @param names DNS names and addresses that the server answers to */
  issue(names: readonly string[], lifetimeMs: number, now: Instant): Promise<ServerCertificate>;
}

/** Reads the authority in `folder`, or makes it. Of two controllers that start at once, both use the one that was first. */
export async function openAuthority(folder: string, now: Instant): Promise<Authority> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, "ca-with-key.pem");
  const pem = (await readIfThere(file)) ?? (await makeAuthority(file, now));
  const [keyPem, certificatePem] = splitAt(pem, "-----BEGIN CERTIFICATE-----");
  if (certificatePem === undefined || !keyPem.includes("PRIVATE KEY"))
    throw new Error(`${file} holds no authority (a key, then its certificate); put it back from a backup`);
  const key = await importKey(keyPem);
  const certificate = new x509.X509Certificate(certificatePem);
  await writeFile(join(folder, "ca.crt"), certificatePem, { mode: 0o644 }); // for browsers and the command line
  return {
    certificate: certificatePem,
    sha256: sha256OfCertificate(certificatePem),
    notAfter: certificate.notAfter.getTime() as Instant,
    issue: (names, lifetimeMs, at) => issue(certificate, key, names, lifetimeMs, at),
  };
}

/** @param pem one certificate or more; the first counts */
export const sha256OfCertificate = (pem: string): Sha256 => sha256Hex(new NodeCertificate(pem).raw);

async function issue(
  authority: x509.X509Certificate,
  signingKey: CryptoKey,
  names: readonly string[],
  lifetimeMs: number,
  now: Instant,
): Promise<ServerCertificate> {
  const keys = await subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const notBefore = new Date(now - BACKDATED_MS);
  const notAfter = new Date(Math.min(now + lifetimeMs, authority.notAfter.getTime()));
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: `CN=Ringback controller`,
    issuer: authority.subject,
    notBefore,
    notAfter,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) === 0 ? ("dns" as const) : ("ip" as const), value })),
      ),
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    cert: `${certificate.toString("pem")}\n${authority.toString("pem")}\n`,
    key: await exportKey(keys.privateKey),
    notBefore: notBefore.getTime() as Instant,
    notAfter: notAfter.getTime() as Instant,
  };
}

async function makeAuthority(file: string, now: Instant): Promise<string> {
  const keys = await subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: `CN=Ringback authority ${randomBytes(4).toString("hex")}`,
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + AUTHORITY_DAYS * DAY_MS),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  // Key and certificate in one file: it appears whole or not at all, and cannot be one of each.
  const fresh = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    const text = `${await exportKey(keys.privateKey)}\n${certificate.toString("pem")}\n`;
    await writeFile(fresh, text, { mode: 0o600, flag: "wx", flush: true });
    await link(fresh, file).catch((error: unknown) => {
      if (!hasCode(error, "EEXIST")) throw error;
    });
  } finally {
    await rm(fresh, { force: true });
  }
  return readFile(file, "utf8");
}

/** Positive and of 127 bits: RFC 5280 4.1.2.2. */
function serial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString("hex");
}

async function exportKey(key: CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await subtle.exportKey("pkcs8", key), "PRIVATE KEY");
}

const importKey = (pem: string): Promise<CryptoKey> =>
  subtle.importKey("pkcs8", x509.PemConverter.decodeFirst(pem), ALGORITHM, false, ["sign"]);

function splitAt(text: string, mark: string): [string, string | undefined] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at)];
}

async function readIfThere(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  });
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code;
