/**
 * Whom an agent believes, as the holders of the root keys say: who may approve, who may sign policy, which online keys
 * prove freshness. A document follows the one before it as in TUF: signed by the roots of both.
 *
 * Pure: what a document says. Whether it may follow another one is decided in `follow-trust.ts`.
 */
import { z } from "zod";
import { ContentSourceId } from "./content.ts";
import { KeyId } from "./dsse.ts";
import { Slug, text } from "./names.ts";
import { Instant } from "./time.ts";
import { PublicKey } from "./public-key.ts";

const DAY_MS = 86_400_000;
/** Renewed at least monthly: whoever can keep a device from hearing of a removed key can do so for no longer than this. */
export const TRUST_LIFETIME_MS_MAX = 30 * DAY_MS;

/**
 * How a key signs. `p256` and `ed25519`: the bytes themselves (P-256 as raw r and s). `passkey-es256`, `passkey-rs256`:
 * a WebAuthn assertion whose challenge is the SHA-256 of the bytes.
 */
export const KeyKind = z.enum(["p256", "ed25519", "passkey-es256", "passkey-rs256"]);
export type KeyKind = z.infer<typeof KeyKind>;

/** A public key as SubjectPublicKeyInfo, DER in base64: from Ed25519 (60 characters) to RSA of 4,096 bits (736). */
export const SignerPublicKey = z.base64().min(56).max(800);

export const TrustedKey = z.strictObject({
  keyId: KeyId,
  kind: KeyKind,
  publicKey: SignerPublicKey,
  /** Of a passkey: what the browser finds it by, in base64url. */
  credentialId: z.base64url().max(1_400).optional(),
  /** Made by the controller at its first start and kept there. */
  starter: z.boolean(),
});
export type TrustedKey = z.infer<typeof TrustedKey>;

/** People count, not keys: two keys of one person are one voice. */
export const Holder = z.strictObject({ person: Slug, name: text(100), keys: z.array(TrustedKey).min(1).max(5) });
export type Holder = z.infer<typeof Holder>;

/** `threshold` of these people have to sign: no more than an envelope holds signatures. */
export const TrustRole = z
  .strictObject({ threshold: z.int().min(1).max(16), holders: z.array(Holder).min(1).max(50) })
  .superRefine(({ threshold, holders }, context) => {
    const refuse = (message: string): void => context.addIssue({ code: "custom", message });
    if (threshold > holders.length) refuse("asks for more people than it names");
    if (new Set(holders.map(({ person }) => person)).size < holders.length) refuse("names a person twice");
    const keyIds = holders.flatMap(({ keys }) => keys.map(({ keyId }) => keyId));
    if (new Set(keyIds).size < keyIds.length) refuse("names a key twice");
  });
export type TrustRole = z.infer<typeof TrustRole>;

export const OnlineKey = z.strictObject({ keyId: KeyId, publicKey: PublicKey });
export type OnlineKey = z.infer<typeof OnlineKey>;

/** Where passkeys approve: a name of its own, so that no sign-in page can harvest approvals. */
export const Passkeys = z.strictObject({
  rpId: z.string().regex(/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/, "expected a domain name"),
  origins: z
    .array(z.url({ protocol: /^https?$/ }).refine((url) => URL.parse(url)?.origin === url, "expected an origin"))
    .min(1)
    .max(5),
});
export type Passkeys = z.infer<typeof Passkeys>;

export const TrustDocument = z
  .strictObject({
    schema: z.literal("ringback.trust/1"),
    version: z.int().min(1),
    issuedAt: Instant,
    /** From then on nothing is changed on a device; reporting goes on. */
    expiresAt: Instant,
    roots: TrustRole,
    policyHolders: TrustRole,
    approvers: TrustRole,
    /** They prove freshness, never authority. */
    online: z.array(OnlineKey).min(1).max(5),
    /** Null: no passkey counts. */
    passkeys: Passkeys.nullable(),
    /**
     * Generations of a source count within an era. A new era, which only roots can begin, lets them start again: the
     * way out when somebody signed the highest generation there is. A source that is not named is in era 1.
     */
    eras: z.array(z.strictObject({ source: ContentSourceId, era: z.int().min(1) })).max(500),
  })
  .superRefine(({ issuedAt, expiresAt, roots, policyHolders }, context) => {
    const refuse = (path: string, message: string): void => context.addIssue({ code: "custom", path: [path], message });
    if (expiresAt <= issuedAt || expiresAt - issuedAt > TRUST_LIFETIME_MS_MAX)
      refuse("expiresAt", "expires within 30 days of its issue");
    for (const [path, role] of Object.entries({ roots, policyHolders })) {
      if (role.holders.some(({ keys }) => keys.some(({ kind }) => kind.startsWith("passkey"))))
        refuse(path, "these keys are kept offline: passkeys only approve");
    }
  });
export type TrustDocument = z.infer<typeof TrustDocument>;

export const eraOf = ({ eras }: TrustDocument, of: ContentSourceId): number =>
  eras.find(({ source }) => source === of)?.era ?? 1;

/** Does the controller hold a key with which it could approve, set policy or change whom agents believe? */
export const starterRoles = (document: TrustDocument): readonly ("roots" | "policyHolders" | "approvers")[] =>
  (["roots", "policyHolders", "approvers"] as const).filter((role) =>
    document[role].holders.some(({ keys }) => keys.some(({ starter }) => starter)),
  );
