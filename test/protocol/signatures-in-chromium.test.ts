/** Approvals made as a person makes them: by a real browser and its own WebAuthn code. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { verifyRaw } from "../../agent/adapters/verify-raw.ts";
import { fromBase64, pae, PAYLOAD_TYPES, seal, toBase64 } from "../../protocol/dsse.ts";
import { challengeOf, isSignedBy, sigOfAssertion } from "../../protocol/signatures.ts";
import { Passkeys } from "../../protocol/trust-document.ts";
import { trustedKeyFrom } from "../support/authenticator.ts";
import { launchChromium, whyNoChromium } from "../support/chromium.ts";
import { openPasskeyPage } from "../support/passkey-page.ts";

const UNSIGNED = seal(PAYLOAD_TYPES.statement, { plan: "take 7-2 back" }, []);
const BYTES = pae(UNSIGNED.payloadType, fromBase64(UNSIGNED.payload));
const CHALLENGE = toBase64(challengeOf(UNSIGNED));

describe.skipIf(whyNoChromium() !== undefined)("an approval in Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  test.each(["passkey-es256", "passkey-rs256"] as const)(
    "counts for the very bytes at the page's origin: %s",
    async (kind) => {
      await using page = await openPasskeyPage(browser);
      const { publicKey, credentialId } = await page.make(kind);
      const sig = fromBase64(sigOfAssertion(await page.ask(credentialId, CHALLENGE, "required")));
      const key = trustedKeyFrom(kind, publicKey);
      const passkeys = Passkeys.parse({ rpId: "localhost", origins: [page.origin] });
      expect(isSignedBy(key, BYTES, sig, passkeys, verifyRaw)).toBe(true);
      const asRestore = pae(PAYLOAD_TYPES.restore, fromBase64(UNSIGNED.payload));
      expect(isSignedBy(key, asRestore, sig, passkeys, verifyRaw)).toBe(false);
      expect(isSignedBy(key, BYTES, sig, { ...passkeys, origins: ["http://localhost:1"] }, verifyRaw)).toBe(false);
    },
  );

  test("counts for nothing when a person was there but not verified", async () => {
    await using page = await openPasskeyPage(browser);
    const { publicKey, credentialId } = await page.make("passkey-es256");
    await page.verifyUser(false);
    const sig = fromBase64(sigOfAssertion(await page.ask(credentialId, CHALLENGE, "discouraged")));
    const passkeys = Passkeys.parse({ rpId: "localhost", origins: [page.origin] });
    expect(isSignedBy(trustedKeyFrom("passkey-es256", publicKey), BYTES, sig, passkeys, verifyRaw)).toBe(false);
  });
});
