/**
 * TLS as the agent makes it: 1.3, and the one authority that was pinned when it was installed. No system authority, no
 * trust on first use.
 */
import { createHash, X509Certificate } from "node:crypto";
import { type ConnectionOptions, connect, type DetailedPeerCertificate, type TLSSocket } from "node:tls";
import type { Socket } from "node:net";
import type { Sha256 } from "../../protocol/canonical.ts";
import type { OpenLine } from "./proxy/line.ts";

const CONNECT_MS = 15_000;

/** An empty list believes nobody: without a pin there is no TLS connection. */
const pinnedTls = (ca: string | undefined): ConnectionOptions => ({
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
export async function fetchPinnedCa(open: OpenLine, host: string, port: number, pin: Sha256): Promise<string> {
  const { socket, proxy } = await secured(open, host, port, { rejectUnauthorized: false, minVersion: "TLSv1.3" });
  try {
    const chain = chainOf(socket.getPeerCertificate(true));
    const pinned = chain.find((der) => createHash("sha256").update(der).digest("hex") === pin);
    if (pinned !== undefined) return new X509Certificate(pinned).toString();
    const instead =
      proxy === undefined ? "" : ` ${inspected(proxy, host)} What is shown comes from ${issuerOf(chain)}.`;
    throw new ControllerNotTrusted(
      "wrong-pin",
      `${host}:${port} shows no certificate with the pinned CA_SHA256 ${pin}. Nothing was sent. Either this is not your controller, or the pin is of another: compare it with what \`ringback trust pins\` prints.${instead}`,
    );
  } finally {
    socket.destroy();
  }
}

/**
 * A verified connection; every one that the agent makes to a controller is made here.
 *
 * @param ca undefined: nobody is believed
 * @throws ControllerNotTrusted, or what proxy and network say
 */
export async function connectPinned(
  open: OpenLine,
  host: string,
  port: number,
  ca: string | undefined,
): Promise<TLSSocket> {
  const { socket } = await secured(open, host, port, pinnedTls(ca));
  return socket;
}

async function secured(
  open: OpenLine,
  host: string,
  port: number,
  options: ConnectionOptions,
): Promise<{ readonly socket: TLSSocket; readonly proxy: string | undefined }> {
  const line = await open(host, port);
  try {
    return { socket: await handshake(line.socket, host, port, options), proxy: line.proxy };
  } catch (cause) {
    line.socket.destroy();
    const fault = tlsFault(cause);
    if (fault === undefined) throw cause;
    const because = line.proxy === undefined ? fault : `${fault}. ${inspected(line.proxy, host)}`;
    throw new ControllerNotTrusted(codeOf(cause), because, { cause });
  }
}

function handshake(line: Socket, host: string, port: number, options: ConnectionOptions): Promise<TLSSocket> {
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  const isName = !/^[\d.]+$|:/.test(bare);
  return new Promise((resolve, reject) => {
    const socket = connect({ ...options, socket: line, host: bare, ...(isName ? { servername: bare } : {}) });
    const timer = setTimeout(() => socket.destroy(new Error(`${bare}:${port} does not answer`)), CONNECT_MS);
    socket.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    socket.once("secureConnect", () => {
      clearTimeout(timer);
      socket.on("error", () => undefined); // whoever uses it sees it close
      resolve(socket);
    });
  });
}

/** TLS ends in the controller or in its own front: a proxy on the way that opens it is somebody else. */
const inspected = (proxy: string, host: string): string =>
  `The way there is the proxy ${proxy}: if it inspects TLS, exempt ${host} from that. The agent never believes a proxy's own certificate.`;

/** Who signed the first certificate, as it says itself. */
function issuerOf(chain: readonly Buffer[]): string {
  const [first] = chain;
  if (first === undefined) return "nobody";
  return JSON.stringify(new X509Certificate(first).issuer.replaceAll("\n", ", ").slice(0, 200));
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
function tlsFault(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  if (String(error.code).startsWith("ERR_SSL_"))
    return `what answers there does not speak TLS 1.3 as a controller does (${error.message})`;
  if (!UNTRUSTED.has(String(error.code))) return undefined;
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
