/**
 * Identifiers: a prefix that says what it names, then 128 bits in base32, the first 48 of them the time.
 *
 * The side that owns a thing makes its id, so nothing waits for a server to number it, and ids sort by age.
 */
import { z } from "zod";
import type { Instant } from "./time.ts";

/** Crockford's alphabet in lower case: no i, l, o, u, so an id can be read out over the phone. */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const BODY = `[0-7][${ALPHABET}]{25}`;

const id = <Brand extends string>(prefix: string) =>
  z
    .string()
    .regex(new RegExp(`^${prefix}_${BODY}$`), `expected ${prefix}_ and 26 base32 characters`)
    .brand<Brand>();

export const DeviceId = id<"DeviceId">("dev");
export type DeviceId = z.infer<typeof DeviceId>;
export const PlaybookId = id<"PlaybookId">("playbook");
export type PlaybookId = z.infer<typeof PlaybookId>;
export const PlanId = id<"PlanId">("plan");
export type PlanId = z.infer<typeof PlanId>;
export const OrderId = id<"OrderId">("order");
export type OrderId = z.infer<typeof OrderId>;
export const RolloutId = id<"RolloutId">("rollout");
export type RolloutId = z.infer<typeof RolloutId>;
export const IncidentId = id<"IncidentId">("inc");
export type IncidentId = z.infer<typeof IncidentId>;
export const StopId = id<"StopId">("stop");
export type StopId = z.infer<typeof StopId>;
export const HoldId = id<"HoldId">("hold");
export type HoldId = z.infer<typeof HoldId>;
/** One question what steps would do on a device. */
export const CheckId = id<"CheckId">("check");
export type CheckId = z.infer<typeof CheckId>;
export const TokenId = id<"TokenId">("token");
export type TokenId = z.infer<typeof TokenId>;
/** One life of a device's outbox. A new one begins when the old is lost, so that sequence numbers may start again. */
export const EpochId = id<"EpochId">("epoch");
export type EpochId = z.infer<typeof EpochId>;
/** One life of a writing process; the name of its stream in the change feed. */
export const StreamId = id<"StreamId">("stream");
export type StreamId = z.infer<typeof StreamId>;

const PREFIXES = {
  dev: DeviceId,
  playbook: PlaybookId,
  plan: PlanId,
  order: OrderId,
  rollout: RolloutId,
  inc: IncidentId,
  stop: StopId,
  hold: HoldId,
  check: CheckId,
  token: TokenId,
  epoch: EpochId,
  stream: StreamId,
} as const;
type Prefix = keyof typeof PREFIXES;

/** Makes an id from a time and at least ten random bytes (the caller brings both, so that a seed repeats them). */
export function newId<P extends Prefix>(prefix: P, now: Instant, random: Uint8Array): z.infer<(typeof PREFIXES)[P]> {
  if (random.length < 10) throw new RangeError(`an id needs 10 random bytes, got ${random.length}`);
  let bits = BigInt(now) & 0xffff_ffff_ffffn;
  for (const byte of random.subarray(0, 10)) bits = (bits << 8n) | BigInt(byte);
  let body = "";
  for (let shift = 125n; shift >= 0n; shift -= 5n) body += ALPHABET[Number((bits >> shift) & 31n)];
  return PREFIXES[prefix].parse(`${prefix}_${body}`) as z.infer<(typeof PREFIXES)[P]>;
}
