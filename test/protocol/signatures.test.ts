import { createECDH, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import { verifyRaw as agentsVerifyRaw } from "../../agent/adapters/verify-raw.ts";
import { verifyRaw } from "../../controller/trust/verify-raw.ts";
import {
  type Envelope,
  fromBase64,
  KeyId,
  pae,
  PAYLOAD_TYPES,
  seal,
  type Signer,
  toBase64,
} from "../../protocol/dsse.ts";
import { Slug } from "../../protocol/names.ts";
import { challengeOf, isSignedBy, voicesOf } from "../../protocol/signatures.ts";
import { type Holder, Passkeys, type TrustedKey, TrustRole } from "../../protocol/trust-document.ts";
import {
  anAuthenticator,
  type Authenticator,
  type Bent,
  PASSKEYS,
  trustedKeyOf,
  USER_PRESENT_AND_VERIFIED,
} from "../support/authenticator.ts";

const BODY = { plan: "take 7-2 back" };
const UNSIGNED = { ...seal(PAYLOAD_TYPES.statement, BODY, []) };
const bytesOf = ({ payloadType, payload }: Pick<Envelope, "payloadType" | "payload">): Uint8Array =>
  pae(payloadType, fromBase64(payload));

interface FileKey extends Signer {
  readonly key: TrustedKey;
}
function aFileKey(kind: "p256" | "ed25519"): FileKey {
  const { privateKey, publicKey } =
    kind === "p256" ? generateKeyPairSync("ec", { namedCurve: "P-256" }) : generateKeyPairSync("ed25519");
  const key = trustedKeyOf(kind, publicKey);
  const digest = kind === "p256" ? "sha256" : null;
  return {
    key,
    keyId: key.keyId,
    sign: (bytes) => sign(digest, bytes, { key: privateKey, dsaEncoding: "ieee-p1363" }),
  };
}

const P256 = aFileKey("p256");
const ED25519 = aFileKey("ed25519");
const ES256 = anAuthenticator("passkey-es256");
const RS256 = anAuthenticator("passkey-rs256");

const aHolder = (person: string, ...keys: TrustedKey[]): Holder => ({ person: Slug.parse(person), name: person, keys });
const aRole = (...holders: Holder[]): TrustRole => TrustRole.parse({ threshold: 1, holders });
const signedBy = (...signatures: { keyid: KeyId; sig: string }[]): Envelope => ({ ...UNSIGNED, signatures });
const byFile = (signer: FileKey): { keyid: KeyId; sig: string } => ({
  keyid: signer.keyId,
  sig: toBase64(signer.sign(bytesOf(UNSIGNED))),
});
const byPasskey = ({ key, assert }: Authenticator, bent?: Bent): { keyid: KeyId; sig: string } => ({
  keyid: key.keyId,
  sig: assert(UNSIGNED, bent),
});
const peopleOf = (envelope: Envelope, role: TrustRole, passkeys: Passkeys | null = PASSKEYS): string[] =>
  voicesOf(envelope, role, passkeys, verifyRaw).map(({ holder, key }) => `${holder.person} by ${key.kind}`);

describe("a passkey's signature", () => {
  const isGood = (bent: Bent, { key, assert }: Authenticator = ES256, passkeys: Passkeys | null = PASSKEYS): boolean =>
    isSignedBy(key, bytesOf(UNSIGNED), fromBase64(assert(UNSIGNED, bent)), passkeys, verifyRaw);

  test.each([ES256, RS256])("counts when everything is as it should be: $key.kind", (authenticator) => {
    expect(isGood({}, authenticator)).toBe(true);
  });

  test("counts without the fields that a browser may leave out, and with those it may add", () => {
    expect(isGood({ clientData: { crossOrigin: undefined } })).toBe(true);
    expect(isGood({ clientData: { other_keys_can_be_added_here: "do not compare clientDataJSON" } })).toBe(true);
  });

  test("counts from any of the origins of the trust document", () => {
    const passkeys = { ...PASSKEYS, origins: ["https://two.approve.example.org", ...PASSKEYS.origins] };
    expect(isGood({ clientData: { origin: "https://two.approve.example.org" } }, ES256, passkeys)).toBe(true);
  });

  const challenge = (envelope: Pick<Envelope, "payloadType" | "payload">): string =>
    Buffer.from(challengeOf(envelope)).toString("base64url");
  const BENT: readonly (readonly [string, Bent])[] = [
    ["made when the passkey was created", { clientData: { type: "webauthn.create" } }],
    ["of a payment", { clientData: { type: "payment.get" } }],
    [
      "over another body",
      { clientData: { challenge: challenge(seal(PAYLOAD_TYPES.statement, { plan: "other" }, [])) } },
    ],
    ["over this body as another type", { clientData: { challenge: challenge(seal(PAYLOAD_TYPES.restore, BODY, [])) } }],
    ["over the same challenge, padded", { clientData: { challenge: `${challenge(UNSIGNED)}=` } }],
    ["without a challenge", { clientData: { challenge: undefined } }],
    ["made at another origin", { clientData: { origin: "https://example.org" } }],
    ["made at the origin's name without TLS", { clientData: { origin: "http://approve.example.org" } }],
    ["made at an origin that begins like it", { clientData: { origin: "https://approve.example.org.evil.org" } }],
    ["made in a frame of another site", { clientData: { crossOrigin: true } }],
    ["with a crossOrigin that is no word for no", { clientData: { crossOrigin: null } }],
    ["made in a page that another one holds", { clientData: { topOrigin: "https://evil.org" } }],
    ["for another RP ID, that of signing in", { rpId: "example.org" }],
    ["without a user present", { flags: USER_PRESENT_AND_VERIFIED & ~0x01 }],
    ["without a user verified", { flags: USER_PRESENT_AND_VERIFIED & ~0x04 }],
    ["with authenticator data that ends before the counter", { lengthBytes: 36 }],
    ["with client data that is no JSON", { suffix: "}" }],
  ];
  test.each(BENT)("does not count: %s", (_, bent) => {
    expect(isGood(bent)).toBe(false);
  });

  test("does not count where the trust document has no passkeys", () => {
    expect(isGood({}, ES256, null)).toBe(false);
  });

  test("does not count when a part of it was changed afterwards", () => {
    const honest = JSON.parse(Buffer.from(ES256.assert(UNSIGNED), "base64").toString()) as Record<string, string>;
    const flipped = (text: string): string => {
      const bytes = Buffer.from(text, "base64url");
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1; // the counter, a brace, the end of s
      return bytes.toString("base64url");
    };
    const check = (assertion: unknown): boolean =>
      isSignedBy(ES256.key, bytesOf(UNSIGNED), Buffer.from(JSON.stringify(assertion)), PASSKEYS, verifyRaw);
    expect(check(honest)).toBe(true);
    for (const [field, text] of Object.entries(honest)) {
      expect([field, check({ ...honest, [field]: flipped(text) })]).toEqual([field, false]);
      expect([field, check({ ...honest, [field]: undefined })]).toEqual([field, false]);
    }
    expect(check({ ...honest, userHandle: "YWRh" })).toBe(false);
  });

  test.each([
    "",
    "null",
    "[]",
    "{}",
    "not JSON",
    "\u00ff",
    '{"authenticatorData":"A","clientDataJSON":"A","signature":"A"}',
  ])("does not count and throws nothing: %j", (text) => {
    const sig = Buffer.from(text, "latin1");
    expect(isSignedBy(ES256.key, bytesOf(UNSIGNED), sig, PASSKEYS, verifyRaw)).toBe(false);
  });
});

describe("the algorithm is the key's kind, never the signature's choice", () => {
  const keys = { P256, ED25519, ES256, RS256 };
  const sigs = {
    P256: byFile(P256).sig,
    ED25519: byFile(ED25519).sig,
    ES256: byPasskey(ES256).sig,
    RS256: byPasskey(RS256).sig,
  };
  const KINDS: readonly TrustedKey["kind"][] = ["p256", "ed25519", "passkey-es256", "passkey-rs256"];
  test.each(Object.keys(keys) as (keyof typeof keys)[])("%s counts as its own kind alone", (name) => {
    const { key } = keys[name];
    const good = KINDS.filter((kind) =>
      isSignedBy({ ...key, kind }, bytesOf(UNSIGNED), fromBase64(sigs[name]), PASSKEYS, verifyRaw),
    );
    expect(good).toEqual([key.kind]);
  });

  test("a raw signature by a passkey's key, which no browser makes, counts for nothing", () => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const key = trustedKeyOf("passkey-es256", publicKey);
    const raw = sign("sha256", bytesOf(UNSIGNED), { key: privateKey, dsaEncoding: "ieee-p1363" });
    expect(isSignedBy(key, bytesOf(UNSIGNED), raw, PASSKEYS, verifyRaw)).toBe(false);
  });

  test("a key under an id that is not its digest counts for nothing", () => {
    const stranger = { ...P256.key, keyId: ED25519.keyId };
    expect(isSignedBy(P256.key, bytesOf(UNSIGNED), P256.sign(bytesOf(UNSIGNED)), null, verifyRaw)).toBe(true);
    expect(isSignedBy(stranger, bytesOf(UNSIGNED), P256.sign(bytesOf(UNSIGNED)), null, verifyRaw)).toBe(false);
  });
});

describe("the voices of a role", () => {
  const ada = aHolder("ada", P256.key, ES256.key);
  const ben = aHolder("ben", ED25519.key);
  const cleo = aHolder("cleo", RS256.key);
  const role = aRole(ada, ben, cleo);

  test("are its people whose signatures are good, by passkey or key file", () => {
    expect(peopleOf(signedBy(byFile(P256), byFile(ED25519), byPasskey(RS256)), role)).toEqual([
      "ada by p256",
      "ben by ed25519",
      "cleo by passkey-rs256",
    ]);
  });

  test("are people, not keys: one person with two keys is one voice", () => {
    expect(peopleOf(signedBy(byFile(P256), byPasskey(ES256)), role)).toHaveLength(1);
    expect(peopleOf(signedBy(byPasskey(ES256), byFile(P256)), role)).toHaveLength(1);
  });

  test("a key file takes the place of the same person's passkey, in whatever order they stand", () => {
    expect(peopleOf(signedBy(byPasskey(ES256), byFile(P256)), role)).toEqual(["ada by p256"]);
    expect(peopleOf(signedBy(byFile(P256), byPasskey(ES256)), role)).toEqual(["ada by p256"]);
  });

  test("a key file whose signature is bad does not take the place of a good passkey", () => {
    const bad = { keyid: P256.keyId, sig: byFile(aFileKey("p256")).sig };
    expect(peopleOf(signedBy(byPasskey(ES256), bad), role)).toEqual(["ada by passkey-es256"]);
  });

  test("a key id that stands twice is one voice, also when one of its signatures is bad", () => {
    const bad = { keyid: ED25519.keyId, sig: byFile(P256).sig };
    expect(peopleOf(signedBy(byFile(ED25519), byFile(ED25519)), role)).toEqual(["ben by ed25519"]);
    expect(peopleOf(signedBy(bad, byFile(ED25519), bad), role)).toEqual(["ben by ed25519"]);
    expect(peopleOf(signedBy(bad, bad), role)).toEqual([]);
  });

  test("no stranger is heard, nor anyone under another's key id", () => {
    const eve = aFileKey("p256");
    expect(peopleOf(signedBy(byFile(eve)), role)).toEqual([]);
    expect(peopleOf(signedBy({ keyid: P256.keyId, sig: byFile(eve).sig }), role)).toEqual([]);
    expect(peopleOf(signedBy({ keyid: P256.keyId, sig: byFile(ED25519).sig }), role)).toEqual([]);
  });

  test("nothing that was signed as another type or with another body is heard", () => {
    const envelope = signedBy(byFile(P256), byPasskey(RS256));
    expect(peopleOf({ ...envelope, payloadType: PAYLOAD_TYPES.restore }, role)).toEqual([]);
    expect(peopleOf({ ...envelope, payload: toBase64(Buffer.from('{"plan":"another"}')) }, role)).toEqual([]);
  });
});

describe.each([
  ["the agent", agentsVerifyRaw],
  ["the controller", verifyRaw],
])("the mathematics of %s", (_, check) => {
  const bytes = Buffer.from("bytes");
  const spki = (key: KeyObject): string => key.export({ format: "der", type: "spki" }).toString("base64");
  const ec = (namedCurve: string) => generateKeyPairSync("ec", { namedCurve });
  const p256 = ec("P-256");
  const ed25519 = generateKeyPairSync("ed25519");
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  const raw = (key: KeyObject): Uint8Array => sign("sha256", bytes, { key, dsaEncoding: "ieee-p1363" });

  test("take each kind of key, by its own algorithm alone", () => {
    const good = {
      p256: [p256.publicKey, raw(p256.privateKey)],
      "p256-der": [p256.publicKey, sign("sha256", bytes, p256.privateKey)],
      ed25519: [ed25519.publicKey, sign(null, bytes, ed25519.privateKey)],
      rs256: [rsa.publicKey, sign("sha256", bytes, rsa.privateKey)],
    } as const;
    const algorithms = Object.keys(good) as (keyof typeof good)[];
    for (const [name, [key, sig]] of Object.entries(good)) {
      expect(algorithms.filter((algorithm) => check(algorithm, spki(key), bytes, sig))).toEqual([name]);
      expect(check(name as keyof typeof good, spki(key), Buffer.from("other"), sig)).toBe(false);
    }
  });

  test("refuse an RSA key that is short, whose exponent is unusual, or that is bound to another padding", () => {
    const weak = [
      generateKeyPairSync("rsa", { modulusLength: 1_024 }),
      generateKeyPairSync("rsa", { modulusLength: 2_040 }),
      generateKeyPairSync("rsa", { modulusLength: 2_048, publicExponent: 3 }),
      generateKeyPairSync("rsa-pss", { modulusLength: 2_048 }),
    ];
    for (const { publicKey, privateKey } of weak)
      expect(check("rs256", spki(publicKey), bytes, sign("sha256", bytes, privateKey))).toBe(false);
  });

  test("refuse other curves", () => {
    for (const curve of ["secp256k1", "P-384"]) {
      const { publicKey, privateKey } = ec(curve);
      expect(check("p256", spki(publicKey), bytes, raw(privateKey))).toBe(false);
      expect(check("p256-der", spki(publicKey), bytes, sign("sha256", bytes, privateKey))).toBe(false);
    }
    const ed448 = generateKeyPairSync("ed448");
    expect(check("ed25519", spki(ed448.publicKey), bytes, sign(null, bytes, ed448.privateKey))).toBe(false);
  });

  test("refuse a key in another form than its usual one, so that it has one id", () => {
    const der = Buffer.from(spki(p256.publicKey), "base64");
    const point = createECDH("prime256v1");
    point.setPrivateKey(Buffer.from(p256.privateKey.export({ format: "jwk" }).d ?? "", "base64url"));
    const compressed = Buffer.concat([
      Buffer.of(0x30, 0x39),
      der.subarray(2, 23), // the algorithm
      Buffer.of(0x03, 0x22, 0x00), // a bit string of 33 bytes
      point.getPublicKey(undefined, "compressed"),
    ]);
    const sig = raw(p256.privateKey);
    expect(check("p256", spki(p256.publicKey), bytes, sig)).toBe(true);
    expect(check("p256", compressed.toString("base64"), bytes, sig)).toBe(false);
    expect(check("p256", Buffer.concat([der, Buffer.of(0)]).toString("base64"), bytes, sig)).toBe(false);
    expect(check("p256", ` ${spki(p256.publicKey)}`, bytes, sig)).toBe(false);
  });

  test("say no to what is no key and no signature, and throw nothing", () => {
    for (const algorithm of ["p256", "p256-der", "ed25519", "rs256"] as const) {
      for (const key of ["", "AAAA", "not base64", toBase64(new Uint8Array(91))])
        expect(check(algorithm, key, bytes, new Uint8Array(64))).toBe(false);
      for (const length of [0, 1, 63, 64, 65, 256, 1_000])
        expect(check(algorithm, spki(p256.publicKey), bytes, new Uint8Array(length))).toBe(false);
    }
  });

  test("know a key again after more keys than they keep", () => {
    const sig = raw(p256.privateKey);
    for (let i = 0; i < 300; i++) check("p256", toBase64(Buffer.from(`no key ${i}`)), bytes, sig);
    expect(check("p256", spki(p256.publicKey), bytes, sig)).toBe(true);
  });
});
