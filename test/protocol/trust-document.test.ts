/** A trust document comes from whoever carries it: what it says is refused, and never throws, before anything is believed. */
import { expect, test } from "vitest";
import { verifyRaw } from "../../agent/adapters/verify-raw.ts";
import { PAYLOAD_TYPES, payloadDigest, seal } from "../../protocol/dsse.ts";
import { pinnedTrust } from "../../protocol/follow-trust.ts";
import { Passkeys } from "../../protocol/trust-document.ts";
import { aTrustDocument } from "../support/trust-builders.ts";
import { aKey } from "../support/keys.ts";

const ROOTS = [aKey("rita"), aKey("rolf")];
const withOrigin = (origin: string) => {
  const envelope = seal(
    PAYLOAD_TYPES.trust,
    { ...aTrustDocument(), passkeys: { rpId: "approve.example.org", origins: [origin] } },
    ROOTS,
  );
  return pinnedTrust(envelope, payloadDigest(envelope), verifyRaw);
};

test.each(["https://approve.example.org", "https://approve.example.org:8443", "http://approve.localhost:8480"])(
  "%s is an origin",
  (origin) => {
    expect(withOrigin(origin).kind).toBe("followed");
    expect(Passkeys.safeParse({ rpId: "approve.example.org", origins: [origin] }).success).toBe(true);
  },
);

test.each([
  "nonsense",
  "https://[::",
  "https://",
  "https://approve.example.org/",
  "https://approve.example.org:443",
  "https://APPROVE.example.org",
  "https://ada@approve.example.org",
  "wss://approve.example.org",
  "",
])("%j is none, and the document that names it is refused", (origin) => {
  expect(withOrigin(origin)).toMatchObject({ kind: "refused", rule: "schema" });
});
