/**
 * How a device comes to be known: it makes its key and its id itself, and shows a token that an administrator made.
 *
 * Plain HTTPS, before any WebSocket. The answer carries what the device pins: trust documents from the pinned one on.
 */
import { z } from "zod";
import { canonicalBytes, Sha256 } from "./canonical.ts";
import { Envelope } from "./dsse.ts";
import { DeviceId, TokenId } from "./ids.ts";
import { DeviceName, GroupName, Image, Role, Site, text } from "./names.ts";
import { Instant } from "./time.ts";
import { PublicKey } from "./public-key.ts";

export const ENROLMENT_PATH = "/enrol/v1";

/** Is TLS ended by the controller itself, so that a login can be bound to the connection? Set once, never negotiated. */
export const Binding = z.enum(["direct", "front"]);
export type Binding = z.infer<typeof Binding>;

/**
 * `pending`: it reports, and counts in no gate and no plan until it is accepted. `cloned`: two machines live with this
 * identity. `revoked`: it is not let in.
 */
export const DeviceStanding = z.enum(["pending", "accepted", "revoked", "cloned"]);
export type DeviceStanding = z.infer<typeof DeviceStanding>;

/** An IPv4 or IPv6 network, as 10.20.0.0/16. */
export const Network = z.union([z.cidrv4(), z.cidrv6()]);

/**
 * Who lets in what enrols with a token: a person looks at each, or the token itself is enough, perhaps only for devices
 * that come from networks which an administrator listed; others then wait for a person.
 */
export const TokenAcceptance = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("person") }),
  z.strictObject({ kind: z.literal("at-once"), networks: z.array(Network).min(1).max(100).optional() }),
]);
export type TokenAcceptance = z.infer<typeof TokenAcceptance>;

/** What a token looks like to people: 160 bits in base32. */
export const EnrolmentToken = z.string().regex(/^rbe_[0-9a-hjkmnp-tv-z]{32}$/, "expected rbe_ and 32 characters");
export type EnrolmentToken = z.infer<typeof EnrolmentToken>;

/** The longest that a token lives. */
export const TOKEN_LIFETIME_MS_MAX = 86_400_000;

export const TokenRequest = z.strictObject({
  group: GroupName,
  site: Site,
  role: Role,
  /** So many devices may become known by it. */
  uses: z.int().min(1).max(100_000).default(1),
  lifetimeMs: z.int().min(60_000).max(TOKEN_LIFETIME_MS_MAX).default(TOKEN_LIFETIME_MS_MAX),
  acceptance: TokenAcceptance.default({ kind: "person" }),
  /** For machines that are made from an image and thrown away again. */
  pool: z.boolean().default(false),
});

export const TokenView = z.strictObject({
  id: TokenId,
  group: GroupName,
  site: Site,
  role: Role,
  acceptance: TokenAcceptance,
  pool: z.boolean(),
  uses: z.int(),
  usesMax: z.int(),
  createdAt: Instant,
  createdBy: text(100),
  expiresAt: Instant,
  revokedAt: Instant.nullable(),
  revokedBy: text(100).nullable(),
  state: z.enum(["good", "used-up", "expired", "revoked"]),
});
export type TokenView = z.infer<typeof TokenView>;
export const TokenList = z.strictObject({ items: z.array(TokenView), asOf: Instant });
/** `token` is shown this once. */
export const TokenMade = z.strictObject({ token: EnrolmentToken, view: TokenView });

export const StandingBody = z.strictObject({ because: text(500) });
/** What agents are given when they are installed: whom they believe from their first connection on. */
export const TrustPins = z.strictObject({
  /** SHA-256 of the certificate (DER, hex) that the chain must end in; null where TLS ends in a front. */
  caSha256: Sha256.nullable(),
  /** The payload digest of the newest trust document. */
  trustRootSha256: Sha256,
});

export const EnrolmentClaim = z.strictObject({
  token: EnrolmentToken,
  deviceId: DeviceId,
  publicKey: PublicKey,
  name: DeviceName,
  group: GroupName,
  binding: Binding,
  image: Image.optional(),
});
export type EnrolmentClaim = z.infer<typeof EnrolmentClaim>;

/** `signature`: by the device's key over `enrolmentBytes`: whoever knows a public key alone enrols nothing. */
export const EnrolmentRequest = z.strictObject({ claim: EnrolmentClaim, signature: z.base64().max(200) });

/** @param channel as in `loginBytes` */
export const enrolmentBytes = (claim: EnrolmentClaim, channel: string): Uint8Array =>
  canonicalBytes({ purpose: "ringback enrolment", channel, claim });

export const EnrolmentAnswer = z.strictObject({
  /** The one asked for, or the one that this key has had before. */
  deviceId: DeviceId,
  standing: DeviceStanding,
  /** Every trust document that the controller has, oldest first. */
  trust: z.array(Envelope).max(1_000),
  policy: Envelope,
});
export type EnrolmentAnswer = z.infer<typeof EnrolmentAnswer>;
