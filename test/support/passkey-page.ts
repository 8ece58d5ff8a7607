/** A page that makes passkeys and asks them, served on loopback and opened in Chromium with an authenticator behind CDP. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser } from "playwright-core";
import { z } from "zod";
import { Assertion } from "../../protocol/signatures.ts";
import { giveAuthenticator } from "./virtual-passkey.ts";

/** What a page of approvals does; bytes go to and fro in base64, public keys as SubjectPublicKeyInfo. */
const PAGE = `<!doctype html><title>Approve</title><script>
const toBase64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
const toBase64Url = (buffer) => toBase64(buffer).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const bytesOf = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
const random = (length) => crypto.getRandomValues(new Uint8Array(length));
async function make(alg) {
  const { rawId, response } = await navigator.credentials.create({
    publicKey: {
      rp: { id: "localhost", name: "Approvals" },
      user: { id: random(16), name: "ada", displayName: "Ada Byron" },
      challenge: random(32),
      pubKeyCredParams: [{ type: "public-key", alg }],
    },
  });
  return { publicKey: toBase64(response.getPublicKey()), credentialId: toBase64(rawId) };
}
async function ask(credentialId, challenge, userVerification) {
  const { response } = await navigator.credentials.get({
    publicKey: {
      rpId: "localhost",
      challenge: bytesOf(challenge),
      allowCredentials: [{ type: "public-key", id: bytesOf(credentialId) }],
      userVerification,
    },
  });
  return {
    authenticatorData: toBase64Url(response.authenticatorData),
    clientDataJSON: toBase64Url(response.clientDataJSON),
    signature: toBase64Url(response.signature),
  };
}
</script>`;

/** COSE numbers of the algorithms. */
const ALGORITHMS = { "passkey-es256": -7, "passkey-rs256": -257 } as const;

export interface PasskeyPage extends AsyncDisposable {
  readonly origin: string;
  make(kind: keyof typeof ALGORITHMS): Promise<{ readonly publicKey: string; readonly credentialId: string }>;
  /** @param challenge in base64 */
  ask(credentialId: string, challenge: string, verification: "required" | "discouraged"): Promise<Assertion>;
  /** From now on the authenticator can or cannot tell who holds it. */
  verifyUser(isUserVerified: boolean): Promise<void>;
}

export async function openPasskeyPage(browser: Browser): Promise<PasskeyPage> {
  const server = createServer((_request, response) => response.setHeader("content-type", "text/html").end(PAGE));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  const context = await browser.newContext();
  const page = await context.newPage();
  const { verifyUser } = await giveAuthenticator(page);
  await page.goto(origin);
  const call = (name: string, ...args: unknown[]): Promise<unknown> =>
    page.evaluate(`${name}(${args.map((arg) => JSON.stringify(arg)).join(", ")})`);
  return {
    origin,
    make: async (kind) =>
      z.object({ publicKey: z.base64(), credentialId: z.base64() }).parse(await call("make", ALGORITHMS[kind])),
    ask: async (...args) => Assertion.parse(await call("ask", ...args)),
    verifyUser,
    [Symbol.asyncDispose]: async () => {
      await context.close();
      server.close();
    },
  };
}
