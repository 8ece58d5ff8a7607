/**
 * The certificate that the server shows, kept good while it runs: renewed when it is due, or read again when an
 * administrator has replaced its files. Connections that are open go on under the one they began with.
 */
import { createPrivateKey, createHash, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { TlsOptions } from "node:tls";
import type { Sha256 } from "../../protocol/canonical.ts";
import type { Instant } from "../../protocol/time.ts";
import { openAuthority, sha256OfCertificate } from "./authority.ts";
import { isRenewalDue } from "./renewal.ts";

const DAY_MS = 86_400_000;
export const SERVER_CERTIFICATE_MS = 90 * DAY_MS;
/** A server always answers to these: its own machine. */
const OWN_NAMES = ["localhost", "127.0.0.1", "::1"];

type TlsContext = Pick<TlsOptions, "cert" | "key" | "minVersion">;

export interface ServerTls {
  readonly context: TlsContext;
  /** SHA-256 of what agents pin: the authority's certificate, or the last one of an administrator's chain. */
  readonly caSha256: Sha256;
  /** What to show from now on, if that is something else. */
  renewed(now: Instant): Promise<TlsContext | undefined>;
}

const contextOf = ({ cert, key }: { readonly cert: string; readonly key: string }): TlsContext => ({
  cert,
  key,
  minVersion: "TLSv1.3",
});

/** With the controller's own authority in `folder`. */
export async function ownTls(
  folder: string,
  names: readonly string[],
  now: Instant,
  lifetimeMs: number = SERVER_CERTIFICATE_MS,
): Promise<ServerTls> {
  const authority = await openAuthority(folder, now);
  const all = [...new Set([...names, ...OWN_NAMES])];
  let certificate = await authority.issue(all, lifetimeMs, now);
  return {
    context: contextOf(certificate),
    caSha256: authority.sha256,
    async renewed(at) {
      if (!isRenewalDue(certificate, at)) return undefined;
      certificate = await authority.issue(all, lifetimeMs, at);
      return contextOf(certificate);
    },
  };
}

/** With an administrator's certificate (PEM, the chain behind it) and its key. @throws with what is wrong with them */
export async function filesTls(certFile: string, keyFile: string): Promise<ServerTls> {
  const read = async (): Promise<{ readonly cert: string; readonly key: string }> => {
    const [cert, key] = await Promise.all([readFile(certFile, "utf8"), readFile(keyFile, "utf8")]);
    if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)))
      throw new Error(`the key in ${keyFile} is not that of the certificate in ${certFile}`);
    return { cert, key };
  };
  const first = await read();
  let shown = digest(first);
  return {
    context: contextOf(first),
    caSha256: sha256OfCertificate(lastOf(first.cert)),
    async renewed() {
      const files = await read();
      if (digest(files) === shown) return undefined;
      shown = digest(files);
      return contextOf(files);
    },
  };
}

const digest = ({ cert, key }: { readonly cert: string; readonly key: string }): string =>
  createHash("sha256").update(cert).update("\0").update(key).digest("hex");

const lastOf = (chain: string): string => chain.slice(chain.lastIndexOf("-----BEGIN CERTIFICATE-----"));
