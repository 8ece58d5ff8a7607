/**
 * Asks the browser for a passkey: to sign a plan's statement, or to make a new one.
 *
 * The challenge is computed here, from the bytes that were read. What the person or the browser did not do is an outcome
 * in words, never an exception: each says that nothing was signed, and what to do.
 */
import { sha256Hex } from "../../../protocol/canonical.ts";
import { type Envelope, KeyId, toBase64 } from "../../../protocol/dsse.ts";
import { challengeOf, sigOfAssertion } from "../../../protocol/signatures.ts";
import { Holder, type KeyKind, type Passkeys } from "../../../protocol/trust-document.ts";
import { fromBase64Url, toBase64Url } from "./base64url.ts";

/** Long enough to find the phone that holds the passkey. */
const ANSWER_WITHIN_MS = 180_000;
/** RFC 9053: ECDSA with SHA-256 on P-256, and RSASSA-PKCS1-v1_5 with SHA-256, which Windows Hello makes. */
const KINDS: ReadonlyMap<number, KeyKind> = new Map([
  [-7, "passkey-es256"],
  [-257, "passkey-rs256"],
]);

interface NotDone {
  readonly kind: "not-done";
  readonly because: string;
}
export type Asserted = { readonly kind: "asserted"; readonly credentialId: string; readonly sig: string } | NotDone;
export type Made = { readonly kind: "made"; readonly holder: Holder } | NotDone;

/** @param credentialIds of the people who may approve */
export async function signWithPasskey(
  signed: Pick<Envelope, "payloadType" | "payload">,
  { rpId }: Passkeys,
  credentialIds: readonly string[],
): Promise<Asserted> {
  if (!knowsPasskeys()) return notDone(NO_PASSKEYS);
  try {
    const credential = await navigator.credentials.get({
      publicKey: {
        rpId,
        challenge: new Uint8Array(challengeOf(signed)),
        allowCredentials: credentialIds.map(named),
        userVerification: "required",
        timeout: ANSWER_WITHIN_MS,
      },
    });
    if (!(credential instanceof PublicKeyCredential)) return notDone("The browser gave no passkey.");
    const { rawId, response } = credential;
    if (!(response instanceof AuthenticatorAssertionResponse)) return notDone("The browser gave no signature.");
    return {
      kind: "asserted",
      credentialId: toBase64Url(rawId),
      sig: sigOfAssertion({
        authenticatorData: toBase64Url(response.authenticatorData),
        clientDataJSON: toBase64Url(response.clientDataJSON),
        signature: toBase64Url(response.signature),
      }),
    };
  } catch (error) {
    return notDone(`${wordsFor(error, "no passkey of an approver is in reach of this browser")} Nothing was signed.`);
  }
}

/** @param known credentials that this person has already: one authenticator makes no second one */
export async function makePasskey(rpId: string, person: string, name: string, known: readonly string[]): Promise<Made> {
  if (!knowsPasskeys()) return notDone(NO_PASSKEYS);
  try {
    const credential = await navigator.credentials.create({
      publicKey: {
        rp: { id: rpId, name: "Ringback approvals" },
        user: { id: random(16), name: person, displayName: name },
        challenge: random(32), // nothing is believed because of it
        pubKeyCredParams: [...KINDS.keys()].map((alg) => ({ type: "public-key", alg })),
        authenticatorSelection: { userVerification: "required", residentKey: "preferred" },
        excludeCredentials: known.map(named),
        attestation: "none",
        timeout: ANSWER_WITHIN_MS,
      },
    });
    if (!(credential instanceof PublicKeyCredential)) return notDone("The browser made no passkey.");
    return made(person, name, credential);
  } catch (error) {
    return notDone(`${wordsFor(error, "this device cannot make one")} No passkey was made.`);
  }
}

function made(person: string, name: string, { rawId, response }: PublicKeyCredential): Made {
  if (!(response instanceof AuthenticatorAttestationResponse)) return notDone("The browser made no passkey.");
  const spki = response.getPublicKey();
  const kind = KINDS.get(response.getPublicKeyAlgorithm());
  if (spki === null || kind === undefined) return notDone("It made a key of a kind that devices cannot check.");
  const bytes = new Uint8Array(spki);
  const holder = Holder.safeParse({
    person,
    name,
    keys: [
      {
        keyId: KeyId.parse(sha256Hex(bytes)),
        kind,
        publicKey: toBase64(bytes),
        credentialId: toBase64Url(rawId),
        starter: false,
      },
    ],
  });
  return holder.success
    ? { kind: "made", holder: holder.data }
    : notDone("Its key or its name is longer than allowed.");
}

const NO_PASSKEYS =
  "This browser knows no passkeys here: it needs a page over https, or a name that ends in .localhost. Nothing was signed.";
const knowsPasskeys = (): boolean => "PublicKeyCredential" in globalThis && globalThis.isSecureContext;

/** Browsers do not tell a person who said no from one who has no passkey, so that pages cannot find out who has which. */
function wordsFor(error: unknown, or: string): string {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError") return `It was cancelled, took too long, or ${or}.`;
  if (name === "InvalidStateError") return "This authenticator holds a passkey of that person already.";
  if (name === "SecurityError") return "The browser does not let this address use passkeys of that name.";
  return `The browser could not do it (${error instanceof Error ? error.message : String(error)}).`;
}

const notDone = (because: string): NotDone => ({ kind: "not-done", because });
const named = (id: string): PublicKeyCredentialDescriptor => ({ type: "public-key", id: fromBase64Url(id) });
const random = (bytes: number): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(bytes));
