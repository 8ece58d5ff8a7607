/** What a failed TLS handshake means for who types commands, and what to do. Nothing was sent on such a connection. */

const WRONG_NAME = new Set(["ERR_TLS_CERT_ALTNAME_INVALID"]);
const NOT_NOW = new Set(["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"]);
const NO_TLS = new Set(["ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_PACKET_LENGTH_TOO_LONG", "EPROTO"]);
const NOT_BELIEVED = new Set([
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "CERT_SIGNATURE_FAILURE",
  "INVALID_CA",
]);

/** @returns undefined for what is no fault of TLS */
export function tlsFault(url: string, hasCa: boolean, error: unknown): string | undefined {
  const code = codeOf(error);
  if (code === undefined) return undefined;
  if (NOT_BELIEVED.has(code)) return `${notBelieved(url, hasCa)} Nothing was sent.`;
  if (WRONG_NAME.has(code))
    return `The certificate that ${url} shows is for another name. Nothing was sent. Use an address that the controller was started with (--name), or start it with this one.`;
  if (NOT_NOW.has(code))
    return `The certificate that ${url} shows is not valid now. Nothing was sent. See that this machine's clock and the controller's are right; with --tls files, that the certificate was renewed.`;
  if (NO_TLS.has(code))
    return `What answers at ${url} speaks no TLS. Nothing was sent. Check the address and the port; on the controller's own machine it may be http://.`;
  return undefined;
}

const notBelieved = (url: string, hasCa: boolean): string =>
  hasCa
    ? `The certificate that ${url} shows does not come from the authority that was given or stored: this is not your controller, or its authority was replaced. Compare the CA_SHA256 that the controller prints when it starts; if it is yours, sign in again with --ca-file and its new authority.`
    : `The certificate that ${url} shows comes from no authority that this machine believes. If the controller runs with --tls own, get tls/ca.crt from its data folder in a way that you trust and add --ca-file FILE; \`setup\` and \`login\` keep it with your token.`;

/** `fetch` wraps what happened in an error of its own. */
function codeOf(error: unknown): string | undefined {
  for (let at: unknown = error; at instanceof Error; at = at.cause)
    if ("code" in at && typeof at.code === "string") return at.code;
  return undefined;
}
