/** An authenticator behind a page of Chromium, as a person has one in a phone: it makes passkeys and answers for its owner. */
import type { Page } from "playwright-core";

export interface VirtualPasskey {
  /** From now on its owner gives or does not give a fingerprint. */
  readonly verifyUser: (isUserVerified: boolean) => Promise<void>;
}

export async function giveAuthenticator(page: Page): Promise<VirtualPasskey> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
    },
  });
  return {
    verifyUser: async (isUserVerified) => {
      await cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified });
    },
  };
}
