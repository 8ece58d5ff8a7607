import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { canonicalJson, digestOf } from "../../protocol/canonical.ts";
import { Envelope, open, PAYLOAD_TYPES, pae, payloadDigest, peek, seal, toBase64 } from "../../protocol/dsse.ts";
import { aKey, verifierOf } from "../support/keys.ts";
import { present } from "../support/present.ts";

const Body = z.strictObject({ device: z.string(), step: z.int(), note: z.string().optional() });
const body = { device: "dev_1", step: 3 };
const ada = aKey("ada");
const ben = aKey("ben");
const eve = aKey("eve");
const trusted = verifierOf(ada, ben);
const openAsOrder = (envelope: Envelope, verify = trusted) => open(envelope, PAYLOAD_TYPES.order, Body, verify);

/** An envelope over any bytes at all, signed properly. */
function signedBytes(text: string, type: string = PAYLOAD_TYPES.order): Envelope {
  const payload = new TextEncoder().encode(text);
  const sig = ada.sign(pae(type, payload));
  return { payloadType: type, payload: toBase64(payload), signatures: [{ keyid: ada.keyId, sig: toBase64(sig) }] };
}

describe("pae", () => {
  test("encodes the example of the DSSE specification", () => {
    const bytes = pae("http://example.com/HelloWorld", new TextEncoder().encode("hello world"));
    expect(new TextDecoder().decode(bytes)).toBe("DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  });

  test("counts bytes, not characters, and takes any payload", () => {
    expect(Buffer.from(pae("ü", Uint8Array.of(0, 255))).toString("latin1")).toBe(
      `DSSEv1 2 ${Buffer.from("ü").toString("latin1")} 2 \u0000\u00ff`,
    );
  });

  test("gives different bytes for any two pairs of type and payload", () => {
    const pair = fc.tuple(fc.string(), fc.string());
    const encode = ([type, payload]: [string, string]) =>
      Buffer.from(pae(type, new TextEncoder().encode(payload))).toString("hex");
    fc.assert(fc.property(pair, pair, (a, b) => (encode(a) === encode(b)) === (canonicalJson(a) === canonicalJson(b))));
  });
});

describe("open", () => {
  test("gives the body, its digest and the keys whose signatures are good", () => {
    const envelope = seal(PAYLOAD_TYPES.order, body, [ada, eve, ben]);
    expect(openAsOrder(envelope)).toEqual({
      kind: "opened",
      body,
      digest: digestOf(body),
      keyIds: [ada.keyId, ben.keyId],
    });
    expect(payloadDigest(envelope)).toBe(digestOf(body));
    expect(peek(envelope, Body)).toEqual(body);
  });

  test("counts a key that signed twice once", () => {
    const envelope = seal(PAYLOAD_TYPES.order, body, [ada, ada, ben, ada]);
    expect(openAsOrder(envelope)).toMatchObject({ keyIds: [ada.keyId, ben.keyId] });
  });

  test("refuses a signature that was given for another type", () => {
    const receipt = seal(PAYLOAD_TYPES.receipt, body, [ada]);
    expect(openAsOrder(receipt)).toMatchObject({ kind: "refused", rule: "payload-type" });
    expect(openAsOrder({ ...receipt, payloadType: PAYLOAD_TYPES.order })).toMatchObject({ rule: "signature" });
  });

  test("refuses when no signature is good, and then does not look into the bytes", () => {
    const untouchable = z.custom<never>(() => expect.unreachable("the body was parsed before it was verified"));
    const stranger = seal(PAYLOAD_TYPES.order, body, [eve]);
    const [signature] = stranger.signatures;
    const underAnothersName = { ...stranger, signatures: [{ keyid: ada.keyId, sig: signature?.sig ?? "" }] };
    for (const envelope of [stranger, underAnothersName, { ...stranger, signatures: [] }]) {
      expect(open(envelope, PAYLOAD_TYPES.order, untouchable, trusted)).toMatchObject({ rule: "signature" });
    }
  });

  test.each([
    ["spaces", '{"device": "dev_1","step":3}'],
    ["a line end", '{"device":"dev_1","step":3}\n'],
    ["another order of keys", '{"step":3,"device":"dev_1"}'],
    ["an escape that is not needed", '{"device":"dev\\u005f1","step":3}'],
    ["a number written otherwise", '{"device":"dev_1","step":3.0}'],
    ["a minus zero", '{"device":"dev_1","step":-0}'],
    ["a key twice", '{"device":"dev_1","step":9,"step":3}'],
    ["a byte order mark", '\ufeff{"device":"dev_1","step":3}'],
  ])("refuses signed bytes that are not canonical: %s", (_, text) => {
    expect(openAsOrder(signedBytes(text))).toMatchObject({ kind: "refused", rule: "canonical" });
  });

  test.each([
    ["a field that the schema does not know", '{"device":"dev_1","extra":true,"step":3}'],
    ["a prototype", '{"__proto__":{"step":3},"device":"dev_1","step":3}'],
    ["a missing field", '{"device":"dev_1"}'],
    ["another type", '{"device":"dev_1","step":"3"}'],
    ["null", "null"],
    ["no JSON", "hello"],
    ["nothing", ""],
  ])("refuses a signed body with %s", (_, text) => {
    expect(openAsOrder(signedBytes(text))).toMatchObject({ kind: "refused", rule: "schema" });
  });

  test("refuses signed bytes that are not UTF-8", () => {
    const payload = Uint8Array.of(0x22, 0xff, 0x22);
    const sig = toBase64(ada.sign(pae(PAYLOAD_TYPES.order, payload)));
    const envelope = {
      payloadType: PAYLOAD_TYPES.order,
      payload: toBase64(payload),
      signatures: [{ keyid: ada.keyId, sig }],
    };
    expect(open(envelope, PAYLOAD_TYPES.order, z.string(), trusted)).toMatchObject({ rule: "schema" });
  });

  test("says what is wrong in one line that can be reported", () => {
    const refused = openAsOrder(signedBytes(`{"device":"dev_1","${"\u5b57\\n".repeat(60)}":1,"step":3}`));
    expect(refused.kind === "refused" && refused.because).toMatch(/^[\x20-\x7e]{1,100}$/);
  });
});

describe("a changed envelope", () => {
  const envelope = seal(PAYLOAD_TYPES.order, { ...body, note: "0123456789".repeat(20) }, [ada]);
  const wire = JSON.stringify(envelope);
  const reopen = (text: string): string => {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      return "not JSON";
    }
    const parsed = Envelope.safeParse(json);
    return parsed.success ? openAsOrder(parsed.data).kind : "not an envelope";
  };
  const PRINTABLE = fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code));

  test("opens as it is", () => expect(reopen(wire)).toBe("opened"));

  test("never opens with one character of its text replaced", () => {
    const change = fc.tuple(fc.nat(wire.length - 1), PRINTABLE).filter(([at, char]) => wire[at] !== char);
    fc.assert(
      fc.property(change, ([at, char]) => reopen(wire.slice(0, at) + char + wire.slice(at + 1)) !== "opened"),
      { numRuns: 1_000 },
    );
  });

  test("never opens with one bit of its payload or signature flipped", () => {
    const flip = (base64: string, bit: number): string => {
      const bytes = Buffer.from(base64, "base64");
      const index = (bit >> 3) % bytes.length;
      bytes[index] = (bytes[index] ?? 0) ^ (1 << (bit & 7));
      return bytes.toString("base64");
    };
    fc.assert(
      fc.property(fc.nat(10_000), fc.boolean(), (bit, ofPayload) => {
        const signature = present(envelope.signatures[0]);
        const changed = ofPayload
          ? { ...envelope, payload: flip(envelope.payload, bit) }
          : { ...envelope, signatures: [{ ...signature, sig: flip(signature.sig, bit) }] };
        expect(reopen(JSON.stringify(changed))).not.toBe("opened");
      }),
      { numRuns: 1_000 },
    );
  });

  test("never opens with a field of the body changed", () => {
    const other = fc.record({ device: fc.string(), step: fc.integer(), note: fc.string() });
    fc.assert(
      fc.property(other, (changed) => {
        const payload = toBase64(new TextEncoder().encode(canonicalJson(changed)));
        expect(reopen(JSON.stringify({ ...envelope, payload }))).not.toBe("opened");
      }),
      { numRuns: 200 },
    );
  });

  test.each(["QR==", "QUJ=", "QQ=", "Q", "QQ==QQ==", "QQ\n==", " QQ==", "QQ--"])(
    "base64 has one form for any bytes: %j is refused",
    (text) => {
      expect(Envelope.shape.payload.safeParse(text).success).toBe(false);
    },
  );
});
