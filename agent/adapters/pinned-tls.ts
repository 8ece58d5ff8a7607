/**
 * TLS as the agent makes it: 1.3, and the one authority that was pinned when it was installed. No system authority, no
 * trust on first use.
 */
import { createHash, X509Certificate } from "node:crypto";
import { type ConnectionOptions, connect, type DetailedPeerCertificate, type TLSSocket } from "node:tls";
import type { Sha256 } from "../../protocol/canonical.ts";

const CONNECT_MS = 15_000;

/** An empty list believes nobody: without a pin there is no TLS connection. */
export const pinnedTls = (ca: string | undefined): ConnectionOptions => ({
  ca: ca ?? [],
  minVersion: "TLSv1.3",
  rejectUnauthorized: true,
  allowPartialTrustChain: true, // what is pinned may be an authority below the root
});

/** The controller cannot be believed, or not be reached. The message says what to do. */
class ControllerNotTrusted extends Error {
  override readonly name = "ControllerNotTrusted";
  readonly code: "wrong-pin" | "wrong-name" | "expired" | "not-trusted";
  constructor(code: ControllerNotTrusted["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * The certificate that was pinned, looked for in the chain that the controller shows on a first connection.
 *
 * Nothing is sent on it and nothing of it is believed but this: a certificate whose digest is the pinned one is the
 * pinned one. Whether the controller holds a key under it, the next connection shows.
 * @throws ControllerNotTrusted if it is not in the chain
 */
export async function fetchPinnedCa(host: string, port: number, pin: Sha256): Promise<string> {
  const socket = await connected(host, port, { rejectUnauthorized: false, minVersion: "TLSv1.3" });
  try {
    const chain = chainOf(socket.getPeerCertificate(true));
    const pinned = chain.find((der) => createHash("sha256").update(der).digest("hex") === pin);
    if (pinned !== undefined) return new X509Certificate(pinned).toString();
    throw new ControllerNotTrusted(
      "wrong-pin",
      `${host}:${port} shows no certificate with the pinned CA_SHA256 ${pin}. Nothing was sent. Either this is not your controller, or the pin is of another: compare it with what \`ringback trust pins\` prints.`,
    );
  } finally {
    socket.destroy();
  }
}

/** A verified connection. @throws ControllerNotTrusted, or what the network says */
export async function connectPinned(host: string, port: number, ca: string): Promise<TLSSocket> {
  try {
    return await connected(host, port, pinnedTls(ca));
  } catch (cause) {
    const fault = tlsFault(cause);
    if (fault === undefined) throw cause;
    throw new ControllerNotTrusted(codeOf(cause), fault, { cause });
  }
}

function connected(host: string, port: number, options: ConnectionOptions): Promise<TLSSocket> {
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  const isName = !/^[\d.]+$|:/.test(bare);
  return new Promise((resolve, reject) => {
    const socket = connect({ ...options, host: bare, port, ...(isName ? { servername: bare } : {}) });
    socket.setTimeout(CONNECT_MS, () => socket.destroy(new Error(`${bare}:${port} does not answer`)));
    socket.once("error", reject);
    socket.once("secureConnect", () => {
      socket.setTimeout(0);
      socket.off("error", reject);
      socket.on("error", () => undefined); // whoever uses it sees it close
      resolve(socket);
    });
  });
}

/** Node gives the chain as certificates that point to their issuers; a root points to itself. */
function chainOf(certificate: DetailedPeerCertificate): Buffer[] {
  const chain: Buffer[] = [];
  for (let at: DetailedPeerCertificate | undefined = certificate; at?.raw !== undefined; at = at.issuerCertificate) {
    const { raw } = at;
    if (chain.some((known) => known.equals(raw))) break;
    chain.push(raw);
  }
  return chain;
}

function codeOf(error: unknown): ControllerNotTrusted["code"] {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return "wrong-name";
  return code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID" ? "expired" : "not-trusted";
}

const UNTRUSTED = new Set([
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "CERT_SIGNATURE_FAILURE",
  "INVALID_CA",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
]);

/** What a TLS failure means and what to do, for the log; undefined for what is none. */
export function tlsFault(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || !UNTRUSTED.has(String(error.code))) return undefined;
  switch (codeOf(error)) {
    case "wrong-name":
      return `the controller's certificate is for another name (${error.message}): start it with --name and this name, or correct the address`;
    case "expired":
      return "the controller's certificate is not valid now: see that it is renewed, and that this machine's clock and the controller's are right";
    case "wrong-pin":
    case "not-trusted":
      return "the controller's certificate does not come from the authority that was pinned at enrolment: this is not your controller, or its authority was replaced and this device has to enrol again";
  }
}
